//! `GET /v1/reports/{id}`

use axum::{Json, extract::State};
use shared::{db::reports, domain::report::Report};
use uuid::Uuid;

use taskbell_http::{
    ApiResult, AppState, Bucket, Function,
    extract::{Authenticated, PathId},
    report_file::with_link,
};

pub(crate) const FUNCTION: Function = Function { reads: &[Bucket::Reports], ..Function::DEFAULT };

/// Returns a report that the caller requested.
///
/// When `status` is `ready`, `download_url` is a link to its file. The link expires after a short time: request
/// the report again for a new one.
#[utoipa::path(get, path = "/v1/reports/{id}", operation_id = "get-report", tag = "reports",
    params(("id" = Uuid, Path)), responses((status = 200, body = Report)))]
pub(crate) async fn get_report(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    PathId(id): PathId<Uuid>,
) -> ApiResult<Json<Report>> {
    let report = reports::find(&mut *state.connection().await?, caller.id, id).await?;
    Ok(Json(with_link(&state, report).await?))
}

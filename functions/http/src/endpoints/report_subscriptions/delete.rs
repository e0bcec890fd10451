//! `DELETE /v1/report-subscriptions/{id}`

use axum::{extract::State, http::StatusCode};
use shared::db::report_subscriptions;
use uuid::Uuid;

use taskbell_http::{
    ApiResult, AppState, Function,
    extract::{Authenticated, PathId},
};

pub(crate) const FUNCTION: Function = Function::DEFAULT;

/// Deletes a report subscription.
///
/// Only its subscriber may do this. Reports that it has already created are kept.
#[utoipa::path(delete, path = "/v1/report-subscriptions/{id}", operation_id = "delete-report-subscription", tag = "reports",
    params(("id" = Uuid, Path)), responses((status = 204)))]
pub(crate) async fn delete_report_subscription(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    PathId(id): PathId<Uuid>,
) -> ApiResult<StatusCode> {
    report_subscriptions::delete(&mut *state.connection().await?, &caller, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

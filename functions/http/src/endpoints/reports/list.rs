//! `GET /v1/reports`

use axum::{Json, extract::State};
use shared::{
    db::{page::Page, reports},
    domain::report::Report,
};

use taskbell_http::{
    ApiResult, AppState, Bucket, Function,
    extract::{Authenticated, PageParams, QueryParams},
    report_file::with_link,
};

pub(crate) const FUNCTION: Function = Function { reads: &[Bucket::Reports], ..Function::DEFAULT };

/// Lists the reports that the caller requested, newest first.
///
/// Each report that is ready has a link to its file. Reports are deleted seven days after they were created.
#[utoipa::path(get, path = "/v1/reports", operation_id = "list-reports", tag = "reports",
    params(PageParams), responses((status = 200, body = Page<Report>)))]
pub(crate) async fn list_reports(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    QueryParams(params): QueryParams<PageParams>,
) -> ApiResult<Json<Page<Report>>> {
    let page = reports::list(&mut *state.connection().await?, &caller, &params.request()?).await?;
    let mut items = Vec::with_capacity(page.items.len());
    for report in page.items {
        items.push(with_link(&state, report).await?);
    }
    Ok(Json(Page { items, ..page }))
}

//! `GET /v1/report-subscriptions`

use axum::{Json, extract::State};
use shared::{
    db::{page::Page, report_subscriptions},
    domain::report::Subscription,
};

use taskbell_http::{
    ApiResult, AppState, Function,
    extract::{Authenticated, PageParams, QueryParams},
};

pub(crate) const FUNCTION: Function = Function::DEFAULT;

/// Lists the report subscriptions of the caller, newest first.
///
/// Each has the time of its next report.
#[utoipa::path(get, path = "/v1/report-subscriptions", operation_id = "list-report-subscriptions", tag = "reports",
    params(PageParams), responses((status = 200, body = Page<Subscription>)))]
pub(crate) async fn list_report_subscriptions(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    QueryParams(params): QueryParams<PageParams>,
) -> ApiResult<Json<Page<Subscription>>> {
    let mut conn = state.connection().await?;
    Ok(Json(report_subscriptions::list(&mut conn, &caller, &params.request()?).await?))
}

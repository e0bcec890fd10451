//! `GET /v1/notifications`

use axum::{Json, extract::State};
use serde::{Deserialize, Serialize};
use shared::{
    Code, Error,
    db::{notifications, page::Page},
    domain::notification::Notification,
};
use utoipa::{IntoParams, ToSchema};

use taskbell_http::{
    ApiResult, AppState, Function,
    extract::{Authenticated, QueryParams, page_request},
};

/// The largest integer that JavaScript represents exactly: 2^53 - 1.
const MAX_SEQ: i64 = 9_007_199_254_740_991;

/// Filters and page of a list of notifications.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct NotificationParams {
    /// `true`: unread notifications only.
    #[serde(default)]
    unread: bool,
    /// Lists the notifications after this `seq`, oldest first.
    #[param(minimum = 0, maximum = 9_007_199_254_740_991_i64)]
    since: Option<i64>,
    /// Items on the page, 1 to 200. Defaults to 50.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u8>,
    /// `next_cursor` of the previous page.
    cursor: Option<String>,
}

/// A page of notifications.
#[derive(Serialize, ToSchema)]
pub(crate) struct Inbox {
    #[serde(flatten)]
    page: Page<Notification>,
    /// Number of all unread notifications of the caller.
    unread_count: i32,
}

pub(crate) const FUNCTION: Function = Function::DEFAULT;

/// Lists the notifications of the caller, newest first.
///
/// With `since`, lists the notifications after that `seq`, oldest first: a client that was offline uses this to catch
/// up. A notification about something that the caller may no longer see has no content.
#[utoipa::path(get, path = "/v1/notifications", operation_id = "list-notifications", tag = "notifications",
    params(NotificationParams), responses((status = 200, body = Inbox)))]
pub(crate) async fn list_notifications(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    QueryParams(params): QueryParams<NotificationParams>,
) -> ApiResult<Json<Inbox>> {
    let page = page_request(params.limit, params.cursor)?;
    let mut conn = state.connection().await?;
    let page = match params.since {
        None => notifications::list(&mut conn, &caller, params.unread, &page).await?,
        Some(since) if (0..=MAX_SEQ).contains(&since) => {
            notifications::list_since(&mut conn, &caller, params.unread, since, &page).await?
        }
        Some(_) => {
            return Err(
                Error::bad_request(Code::InvalidParameter, format!("since must be from 0 to {MAX_SEQ}.")).into()
            );
        }
    };
    let unread_count = notifications::inbox_state(&mut conn, caller.id).await?.unread_count;
    Ok(Json(Inbox { page, unread_count }))
}

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

/// The largest whole number that every client can tell from the next.
const MAX_SEQ: i64 = 9_007_199_254_740_991;

/// Which notifications.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct NotificationParams {
    /// `true`: only those that are not read.
    #[serde(default)]
    unread: bool,
    /// Those after this `seq`, oldest first, instead of the newest first.
    #[param(minimum = 0, maximum = 9_007_199_254_740_991_i64)]
    since: Option<i64>,
    /// How many, 1 to 200; 50 unless given.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u8>,
    /// The `next_cursor` of the page before.
    cursor: Option<String>,
}

/// A page of an inbox.
#[derive(Serialize, ToSchema)]
pub(crate) struct Inbox {
    #[serde(flatten)]
    page: Page<Notification>,
    /// How many notifications the caller has not read, on this page or not.
    unread_count: i32,
}

pub(crate) const FUNCTION: Function = Function::DEFAULT;

/// Lists the notifications of the caller, newest first.
///
/// With `since`, lists what came after that `seq`, oldest first: a client that was away catches up in this way. Of a
/// notification about something that the caller may no longer see, only the place in the list is left.
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

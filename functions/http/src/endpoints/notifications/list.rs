//! `GET /v1/notifications`

use axum::{Json, extract::State};
use serde::{Deserialize, Serialize};
use shared::{
    Code, Error,
    db::{
        inboxes::{self, Filter},
        page::Page,
    },
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
    /// Only notifications in this place: `inbox` (neither archived nor snoozed), `archived`, `snoozed`.
    #[param(inline)]
    state: Option<Place>,
    /// Lists the notifications after this `seq`, oldest first.
    #[param(minimum = 0, maximum = 9_007_199_254_740_991_i64)]
    since: Option<i64>,
    /// Items on the page, 1 to 200. Defaults to 50.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u8>,
    /// `next_cursor` of the previous page.
    cursor: Option<String>,
}

/// The place of notifications.
#[derive(Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Place {
    /// Neither archived nor snoozed.
    Inbox,
    /// Archived.
    Archived,
    /// Snoozed.
    Snoozed,
}

impl From<Place> for inboxes::Place {
    fn from(place: Place) -> Self {
        match place {
            Place::Inbox => Self::Inbox,
            Place::Archived => Self::Archived,
            Place::Snoozed => Self::Snoozed,
        }
    }
}

/// A page of notifications.
#[derive(Serialize, ToSchema)]
pub(crate) struct Inbox {
    #[serde(flatten)]
    page: Page<Notification>,
    /// Number of unread notifications in the caller's inbox: neither archived nor snoozed ones.
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
    let filter = Filter { unread: params.unread, place: params.state.map(Into::into) };
    let mut conn = state.connection().await?;
    let page = match params.since {
        None => inboxes::list(&mut conn, &caller, filter, &page).await?,
        Some(since) if (0..=MAX_SEQ).contains(&since) => {
            inboxes::list_since(&mut conn, &caller, filter, since, &page).await?
        }
        Some(_) => {
            return Err(
                Error::bad_request(Code::InvalidParameter, format!("since must be from 0 to {MAX_SEQ}.")).into()
            );
        }
    };
    let unread_count = inboxes::state(&mut conn, caller.id).await?.unread_count;
    Ok(Json(Inbox { page, unread_count }))
}

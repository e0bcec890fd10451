//! `POST /v1/notifications/read`

use axum::{Json, extract::State};
use serde::{Deserialize, Serialize};
use shared::{Error, db::inboxes};
use utoipa::ToSchema;
use uuid::Uuid;

use taskbell_http::{
    ApiResult, AppState, Function, Topic,
    extract::{Authenticated, ValidJson},
};

/// Request body for marking notifications as read: one of the two fields, or both.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct WhatWasRead {
    /// Marks all notifications up to this `seq`.
    #[schema(minimum = 0, maximum = 9_007_199_254_740_991_i64)]
    seq: Option<i64>,
    /// Marks the notifications with these ids.
    #[schema(max_items = 200)]
    ids: Option<Vec<Uuid>>,
}

/// Number of unread notifications.
#[derive(Serialize, ToSchema)]
pub(crate) struct Unread {
    /// Number of unread notifications in the caller's inbox.
    unread_count: i32,
}

pub(crate) const FUNCTION: Function = Function { sends: &[Topic::Events], ..Function::DEFAULT };

/// Marks notifications of the caller as read.
///
/// Marks all notifications up to a `seq`, those with the given ids, or both, also archived and snoozed ones. Ignores
/// notifications that are already read and those of other users. The caller's WebSockets get what was read.
#[utoipa::path(post, path = "/v1/notifications/read", operation_id = "read-notifications", tag = "notifications",
    request_body = WhatWasRead, responses((status = 200, body = Unread)))]
pub(crate) async fn read_notifications(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    ValidJson { value: read, .. }: ValidJson<WhatWasRead>,
) -> ApiResult<Json<Unread>> {
    if read.seq.is_none() && read.ids.is_none() {
        return Err(Error::invalid("", "must have seq or ids").into());
    }
    let mut tx = state.begin().await?;
    let ids = read.ids.unwrap_or_default();
    let marked = inboxes::mark_read(&mut tx, caller.id, read.seq, &ids).await?;
    if marked.is_change {
        inboxes::announce(&mut tx, caller.id, marked.ids).await?;
    }
    tx.commit(&state.queues).await?;
    Ok(Json(Unread { unread_count: marked.unread_count }))
}

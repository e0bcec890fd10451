//! `POST /v1/notifications/read`

use axum::{Json, extract::State};
use serde::{Deserialize, Serialize};
use shared::{Error, db::notifications};
use utoipa::ToSchema;
use uuid::Uuid;

use taskbell_http::{
    ApiResult, AppState, Function,
    extract::{Authenticated, ValidJson},
};

/// What was read: one of the two, or both.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct WhatWasRead {
    /// Everything up to this `seq`.
    #[schema(minimum = 0, maximum = 9_007_199_254_740_991_i64)]
    seq: Option<i64>,
    /// These.
    #[schema(max_items = 200)]
    ids: Option<Vec<Uuid>>,
}

/// What is left.
#[derive(Serialize, ToSchema)]
pub(crate) struct Unread {
    /// How many notifications the caller has not read.
    unread_count: i32,
}

pub(crate) const FUNCTION: Function = Function::DEFAULT;

/// Marks notifications of the caller as read.
///
/// Either all up to a `seq`, or those with the given ids, or both. What is read already, or belongs to somebody else,
/// stays as it is.
#[utoipa::path(post, path = "/v1/notifications/read", operation_id = "read-notifications", tag = "notifications",
    request_body = WhatWasRead, responses((status = 200, body = Unread)))]
pub(crate) async fn read_notifications(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    ValidJson { value: read, .. }: ValidJson<WhatWasRead>,
) -> ApiResult<Json<Unread>> {
    if read.seq.is_none() && read.ids.is_none() {
        return Err(Error::invalid("", "must have a seq or ids").into());
    }
    let mut tx = state.begin().await?;
    let ids = read.ids.unwrap_or_default();
    let unread_count = notifications::mark_read(&mut tx, caller.id, read.seq, &ids).await?.unread_count;
    tx.commit(&state.queues).await?;
    Ok(Json(Unread { unread_count }))
}

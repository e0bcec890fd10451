//! `PATCH /v1/notifications/{id}`

use axum::{Json, extract::State};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use shared::{
    db::inboxes,
    domain::{inbox::StatePatch, notification::Notification},
};
use utoipa::ToSchema;
use uuid::Uuid;

use taskbell_http::{
    ApiResult, AppState, Function, Topic,
    extract::{Authenticated, PathId, ValidJson, double_option},
};

/// Request body for changing the state of a notification. Absent fields stay unchanged.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NotificationPatch {
    /// Whether it is read. `false` also puts an archived one back into the inbox.
    #[schema(value_type = bool, required = false)]
    read: Option<bool>,
    /// Whether it is archived. `true` also reads it and ends its snooze, `false` puts it back into the inbox.
    #[schema(value_type = bool, required = false)]
    archived: Option<bool>,
    /// When it returns to the inbox: a time in the future, at most a year ahead. An archived one is no longer archived. `null`
    /// ends the snooze.
    #[serde(default, deserialize_with = "double_option")]
    #[schema(value_type = Option<DateTime<Utc>>)]
    snoozed_until: Option<Option<DateTime<Utc>>>,
}

pub(crate) const FUNCTION: Function = Function { sends: &[Topic::Events], ..Function::DEFAULT };

/// Reads, archives or snoozes a notification of the caller.
///
/// A snoozed notification is not in the inbox. At its time it is archived, and a copy with the next `seq` is added to the
/// inbox, whose `data.snoozed` is the old id. The caller's WebSockets get each change.
#[utoipa::path(patch, path = "/v1/notifications/{id}", operation_id = "update-notification", tag = "notifications",
    params(("id" = Uuid, Path)), request_body = NotificationPatch, responses((status = 200, body = Notification)))]
pub(crate) async fn update_notification(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    PathId(id): PathId<Uuid>,
    ValidJson { value: patch, .. }: ValidJson<NotificationPatch>,
) -> ApiResult<Json<Notification>> {
    let mut tx = state.begin().await?;
    let NotificationPatch { read, archived, snoozed_until } = patch;
    let patch = StatePatch { read, archived, snoozed_until };
    let notification = inboxes::change(&mut tx, &caller, id, patch).await?;
    tx.commit(&state.queues).await?;
    Ok(Json(notification))
}

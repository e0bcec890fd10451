//! `PUT /v1/notification-preferences`

use axum::extract::State;
use shared::{
    Error,
    db::{locks, preferences},
    domain::{preferences::Preferences, time::distinct_offsets},
};

use taskbell_http::{
    ApiResult, AppState, Function,
    extract::{Authenticated, IfMatch, ValidJson},
    respond::WithEtag,
};

pub(crate) const FUNCTION: Function = Function::DEFAULT;

/// Replaces the notification preferences of the caller.
///
/// Absent fields get their defaults. Quiet hours and the time of the daily summary are in the time zone of the account.
#[utoipa::path(put, path = "/v1/notification-preferences", operation_id = "set-notification-preferences", tag = "notifications",
    params(("If-Match" = Option<String>, Header)), request_body = Preferences, responses((status = 200, body = Preferences)))]
pub(crate) async fn set_notification_preferences(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    if_match: IfMatch,
    ValidJson { value: mut chosen, .. }: ValidJson<Preferences>,
) -> ApiResult<WithEtag<Preferences>> {
    if chosen.quiet_hours.is_some_and(|quiet| quiet.from == quiet.to) {
        return Err(Error::invalid("/quiet_hours/to", "must not be the same as from").into());
    }
    chosen.reminder_offsets = distinct_offsets(chosen.reminder_offsets);
    let version = locks::retrying(|| async {
        let mut tx = state.begin().await?;
        let (present, version) = preferences::lock(&mut tx, caller.id).await?;
        if_match.check(version, &present)?;
        if chosen == present {
            return Ok(version);
        }
        let version = preferences::save(&mut tx, caller.id, &chosen).await?;
        tx.commit(&state.queues).await?;
        Ok(version)
    })
    .await?;
    Ok(WithEtag(version, chosen))
}

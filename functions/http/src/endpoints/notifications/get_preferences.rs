//! `GET /v1/notification-preferences`

use axum::extract::State;
use shared::{db::preferences, domain::preferences::Preferences};

use taskbell_http::{ApiResult, AppState, Function, extract::Authenticated, respond::WithEtag};

pub(crate) const FUNCTION: Function = Function::DEFAULT;

/// Returns how the caller wants to be notified, and when not.
///
/// For each kind of notification: whether it is pushed to WebSockets, and whether it is mailed at once, with the
/// daily summary, or not at all. Who never chose gets the defaults.
#[utoipa::path(get, path = "/v1/notification-preferences", operation_id = "get-notification-preferences", tag = "notifications",
    responses((status = 200, body = Preferences)))]
pub(crate) async fn get_notification_preferences(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
) -> ApiResult<WithEtag<Preferences>> {
    let (preferences, version) = preferences::find(&mut *state.connection().await?, caller.id).await?;
    Ok(WithEtag(version, preferences))
}

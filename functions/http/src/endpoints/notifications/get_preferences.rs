//! `GET /v1/notification-preferences`

use axum::extract::State;
use shared::{db::preferences, domain::preferences::Preferences};

use taskbell_http::{ApiResult, AppState, Function, extract::Authenticated, respond::WithEtag};

pub(crate) const FUNCTION: Function = Function::DEFAULT;

/// Returns the notification preferences of the caller.
///
/// For each kind of notification, they say whether it is pushed to WebSockets, and whether it is sent by e-mail at once,
/// in the daily summary, or not at all. Returns the defaults if the caller has never set any.
#[utoipa::path(get, path = "/v1/notification-preferences", operation_id = "get-notification-preferences", tag = "notifications",
    responses((status = 200, body = Preferences)))]
pub(crate) async fn get_notification_preferences(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
) -> ApiResult<WithEtag<Preferences>> {
    let (preferences, version) = preferences::find(&mut *state.connection().await?, caller.id).await?;
    Ok(WithEtag(version, preferences))
}

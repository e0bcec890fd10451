//! `GET /v1/notification-preferences`

use axum::extract::State;
use shared::{db::preferences, domain::preferences::Preferences};

use taskbell_http::{Answer, AppState, extract::Authenticated, respond::Tagged};

/// Shows how the caller wants to be told of things, and when not.
#[utoipa::path(get, path = "/v1/notification-preferences", operation_id = "get-notification-preferences", tag = "notifications",
    responses((status = 200, body = Preferences)))]
pub(crate) async fn get_notification_preferences(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
) -> Answer<Tagged<Preferences>> {
    let (preferences, version) = preferences::find(&mut *state.connection().await?, caller.id).await?;
    Ok(Tagged(version, preferences))
}

//! `GET /v1/users/{id}`

use axum::extract::State;
use shared::{db::users, domain::account::User};
use uuid::Uuid;

use taskbell_http::{
    Answer, AppState, Function,
    extract::{Authenticated, Id},
    respond::Tagged,
};

pub(crate) const FUNCTION: Function = Function::DEFAULT;

/// Returns an account.
///
/// Managers and administrators see all accounts; users see the people with whom they share a project.
#[utoipa::path(get, path = "/v1/users/{id}", operation_id = "get-user", tag = "accounts",
    params(("id" = Uuid, Path)), responses((status = 200, body = User)))]
pub(crate) async fn get_user(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Id(id): Id<Uuid>,
) -> Answer<Tagged<User>> {
    let user = users::find_visible(&mut *state.connection().await?, &caller, id).await?;
    Ok(Tagged(user.version, user))
}

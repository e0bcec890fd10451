//! `GET /v1/users/{id}`

use axum::extract::State;
use shared::{db::users, domain::account::User};
use uuid::Uuid;

use taskbell_http::{
    ApiResult, AppState, Function,
    extract::{Authenticated, PathId},
    respond::WithEtag,
};

pub(crate) const FUNCTION: Function = Function::DEFAULT;

/// Returns an account.
///
/// Managers and administrators see all accounts; users see the people they share a project with.
#[utoipa::path(get, path = "/v1/users/{id}", operation_id = "get-user", tag = "accounts",
    params(("id" = Uuid, Path)), responses((status = 200, body = User)))]
pub(crate) async fn get_user(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    PathId(id): PathId<Uuid>,
) -> ApiResult<WithEtag<User>> {
    let user = users::find_visible(&mut *state.connection().await?, &caller, id).await?;
    Ok(WithEtag(user.version, user))
}

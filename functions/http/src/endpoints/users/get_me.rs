//! `GET /v1/users/me`

use axum::extract::State;
use shared::{db::users, domain::account::User};

use taskbell_http::{ApiResult, AppState, Function, extract::Authenticated, respond::WithEtag};

pub(crate) const FUNCTION: Function = Function::DEFAULT;

/// Returns the account of the caller.
///
/// Every user may do this.
#[utoipa::path(get, path = "/v1/users/me", operation_id = "get-me", tag = "accounts",
    responses((status = 200, body = User)))]
pub(crate) async fn get_me(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
) -> ApiResult<WithEtag<User>> {
    let user = users::find(&mut *state.connection().await?, caller.id).await?;
    Ok(WithEtag(user.version, user))
}

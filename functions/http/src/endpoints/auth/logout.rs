//! `POST /v1/auth/logout`

use axum::{extract::State, http::StatusCode};
use shared::db::sessions;

use taskbell_http::{
    ApiResult, AppState, Function, Topic,
    bodies::RefreshToken,
    extract::{Anonymous, ValidJson},
};

pub(crate) const FUNCTION: Function = Function { sends: &[Topic::Events], ..Function::DEFAULT };

/// Ends the session of a refresh token.
///
/// Needs no access token. Access tokens of the session stop working at once. The response is the same for an unknown
/// token, which ends nothing.
#[utoipa::path(post, path = "/v1/auth/logout", operation_id = "logout", tag = "accounts", security(()),
    request_body = RefreshToken, responses((status = 204)))]
pub(crate) async fn logout(
    State(state): State<AppState>,
    _: Anonymous,
    ValidJson { value: token, .. }: ValidJson<RefreshToken>,
) -> ApiResult<StatusCode> {
    let mut tx = state.begin().await?;
    sessions::revoke_by_refresh_token(&mut tx, &token.refresh_token).await?;
    tx.commit(&state.queues).await?;
    Ok(StatusCode::NO_CONTENT)
}

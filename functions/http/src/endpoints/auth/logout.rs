//! `POST /v1/auth/logout`

use axum::{
    extract::State,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode},
};
use shared::db::sessions;

use taskbell_http::{
    ApiResult, AppState, Function, Topic,
    bodies::RefreshToken,
    extract::{Anonymous, PresentedRefreshToken, TokenStore},
};

pub(crate) const FUNCTION: Function = Function { sends: &[Topic::Events], ..Function::DEFAULT };

const CLEAR_SITE_DATA: HeaderName = HeaderName::from_static("clear-site-data");

/// Ends the session of a refresh token.
///
/// Needs no access token. Access tokens of the session stop working at once. The response is the same for an unknown
/// token, which ends nothing.
///
/// With `Taskbell-Session: cookie` the request body is empty, and the response removes the cookies.
#[utoipa::path(post, path = "/v1/auth/logout", operation_id = "logout", tag = "accounts", security(()),
    request_body = RefreshToken, responses((status = 204)))]
pub(crate) async fn logout(
    State(state): State<AppState>,
    _: Anonymous,
    PresentedRefreshToken { token, store }: PresentedRefreshToken,
) -> ApiResult<(StatusCode, HeaderMap)> {
    let mut tx = state.begin().await?;
    sessions::revoke_by_refresh_token(&mut tx, &token).await?;
    tx.commit(&state.queues).await?;
    let mut headers = HeaderMap::new();
    if let TokenStore::Cookies(cookies) = store {
        cookies.remove(&mut headers);
        headers.insert(CLEAR_SITE_DATA, HeaderValue::from_static("\"cache\""));
    }
    Ok((StatusCode::NO_CONTENT, headers))
}

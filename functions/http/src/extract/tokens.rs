use axum::{
    body::Bytes,
    extract::{FromRequest, FromRequestParts, Request},
    http::request::Parts,
    response::{IntoResponse, Response},
};
use shared::{Code, Error};

use super::ValidJson;
use crate::{ApiError, AppState, bodies::RefreshToken, cookies::SessionCookies};

/// Where the client keeps the tokens of its session.
pub enum TokenStore {
    /// The client gets them in the response body, and sends them itself.
    Client,
    /// The browser keeps them as cookies.
    Cookies(SessionCookies),
}

impl FromRequestParts<AppState> for TokenStore {
    type Rejection = ApiError;

    /// Fails if the client asks for cookies where they would be sent in plain text.
    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        if !SessionCookies::are_requested(&parts.headers) {
            return Ok(Self::Client);
        }
        let cookies = state.settings.cookies.clone().ok_or_else(|| {
            let detail = "Cookie sessions are off, since the public URL is neither https nor on this machine. \
                          Leave out the header Taskbell-Session.";
            Error::bad_request(Code::InvalidHeader, detail)
        })?;
        Ok(Self::Cookies(cookies))
    }
}

/// The refresh token of a request: in its body, or a cookie, and then the body is empty.
pub struct PresentedRefreshToken {
    /// The token. Empty if there is no such cookie.
    pub token: String,
    /// Where the client keeps its tokens.
    pub store: TokenStore,
}

impl FromRequest<AppState> for PresentedRefreshToken {
    type Rejection = Response;

    async fn from_request(request: Request, state: &AppState) -> Result<Self, Response> {
        let (mut parts, body) = request.into_parts();
        let store = TokenStore::from_request_parts(&mut parts, state).await.map_err(IntoResponse::into_response)?;
        let TokenStore::Cookies(cookies) = &store else {
            let request = Request::from_parts(parts, body);
            let ValidJson { value: RefreshToken { refresh_token }, .. } =
                <ValidJson<RefreshToken> as FromRequest<AppState>>::from_request(request, state).await?;
            return Ok(Self { token: refresh_token, store });
        };
        let token = cookies.refresh_token(&parts.headers).unwrap_or_default().to_owned();
        // The parts contain the limit of the body.
        let request = Request::from_parts(parts, body);
        let body = Bytes::from_request(request, state).await.map_err(IntoResponse::into_response)?;
        if !body.is_empty() {
            let error = Error::invalid("", "must be empty, since the refresh token is a cookie");
            return Err(ApiError::from(error).into_response());
        }
        Ok(Self { token, store })
    }
}

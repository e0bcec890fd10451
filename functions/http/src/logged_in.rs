//! The response to a log-in.

use axum::{
    Json,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use shared::{
    auth::{Secret, Signer},
    db::{PgConnection, sessions},
    domain::account::User,
};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    AppState,
    extract::{Anonymous, TokenStore},
};

/// A user with the tokens of their session. With the request header `Taskbell-Session: cookie` the tokens are cookies,
/// and `access_token`, `refresh_token` and `token_type` are absent.
#[derive(Serialize, ToSchema)]
pub struct LoggedIn {
    user: User,
    /// A JWT for the `Authorization` header.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false, value_type = String)]
    access_token: Option<String>,
    /// Always `Bearer`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false, value_type = String)]
    token_type: Option<&'static str>,
    /// Lifetime of the access token in seconds.
    expires_in: u64,
    /// Exchanged once for new tokens. Keep it secret. Null if another client that shares this session has already
    /// used the next refresh token: use the one that it got.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false, value_type = Option<String>)]
    refresh_token: Option<Option<String>>,
    #[serde(skip)]
    cookies: HeaderMap,
}

impl LoggedIn {
    /// Signs an access token for a session, and adds the refresh token, if there is a new one.
    pub fn new(
        signer: &Signer,
        user: User,
        session_id: Uuid,
        refresh_token: Option<&Secret>,
        store: &TokenStore,
    ) -> shared::Result<Self> {
        let access_token = signer.sign(user.id, session_id)?;
        let refresh_token = refresh_token.map(Secret::expose);
        let mut new = Self {
            user,
            access_token: None,
            token_type: None,
            expires_in: Signer::LIFETIME.as_secs(),
            refresh_token: None,
            cookies: HeaderMap::new(),
        };
        match store {
            TokenStore::Client => {
                new.access_token = Some(access_token);
                new.token_type = Some("Bearer");
                new.refresh_token = Some(refresh_token.map(str::to_owned));
            }
            TokenStore::Cookies(cookies) => {
                cookies.set_access_token(&mut new.cookies, &access_token);
                if let Some(refresh_token) = refresh_token {
                    cookies.set_refresh_token(&mut new.cookies, refresh_token);
                }
            }
        }
        Ok(new)
    }

    /// Creates a session for a user who has just authenticated.
    pub async fn begin(
        conn: &mut PgConnection,
        state: &AppState,
        user: User,
        client: &Anonymous,
        store: &TokenStore,
    ) -> shared::Result<Self> {
        let session_id = sessions::create(conn, user.id, &client.user_agent, &client.ip_address).await?;
        let refresh_token = Secret::generate()?;
        sessions::add_refresh_token(conn, session_id, &refresh_token).await?;
        Self::new(state.signer()?, user, session_id, Some(&refresh_token), store)
    }

    /// Returns the response with this status.
    pub fn respond(mut self, status: StatusCode) -> Response {
        let cookies = std::mem::take(&mut self.cookies);
        (status, cookies, Json(self)).into_response()
    }
}

//! The response to a log-in.

use axum::{
    Json,
    http::StatusCode,
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

use crate::{AppState, extract::Anonymous};

/// A user with the tokens of their session.
#[derive(Serialize, ToSchema)]
pub struct LoggedIn {
    user: User,
    /// A JWT for the `Authorization` header.
    access_token: String,
    /// Always `Bearer`.
    token_type: &'static str,
    /// Lifetime of the access token in seconds.
    expires_in: u64,
    /// Exchanged once for new tokens. Keep it secret.
    refresh_token: String,
}

impl LoggedIn {
    /// Signs an access token for a session, and adds the refresh token.
    pub fn new(signer: &Signer, user: User, session_id: Uuid, refresh_token: &Secret) -> shared::Result<Self> {
        Ok(Self {
            access_token: signer.sign(user.id, session_id)?,
            token_type: "Bearer",
            expires_in: Signer::LIFETIME.as_secs(),
            refresh_token: refresh_token.expose().to_owned(),
            user,
        })
    }

    /// Creates a session for a user who has just authenticated.
    pub async fn begin(
        conn: &mut PgConnection,
        state: &AppState,
        user: User,
        client: &Anonymous,
    ) -> shared::Result<Self> {
        let session_id = sessions::create(conn, user.id, &client.user_agent, &client.ip_address).await?;
        let refresh_token = sessions::add_refresh_token(conn, session_id).await?;
        Self::new(state.signer()?, user, session_id, &refresh_token)
    }

    /// Returns the response with this status.
    pub fn respond(self, status: StatusCode) -> Response {
        (status, Json(self)).into_response()
    }
}

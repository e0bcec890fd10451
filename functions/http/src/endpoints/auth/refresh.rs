//! `POST /v1/auth/refresh`

use axum::{extract::State, http::StatusCode, response::Response};
use shared::{
    Code, Error,
    db::{
        sessions::{self, Spent},
        users,
    },
};

use taskbell_http::{
    ApiResult, AppState, Function, Key, Problem, Topic,
    bodies::RefreshToken,
    extract::{Anonymous, ValidJson},
    logged_in::LoggedIn,
};

pub(crate) const FUNCTION: Function = Function { sends: &[Topic::Events], keys: &[Key::Signing], ..Function::DEFAULT };

/// Exchanges a refresh token for new tokens.
///
/// Needs no access token. A refresh token can be used once. If it is used again, it may have been stolen: its session
/// ends, and all tokens of the session stop working.
#[utoipa::path(post, path = "/v1/auth/refresh", operation_id = "refresh", tag = "accounts", security(()),
    request_body = RefreshToken,
    responses((status = 200, body = LoggedIn), (status = 401, description = "The refresh token is unknown, was used before, or has expired.", body = Problem)))]
pub(crate) async fn refresh(
    State(state): State<AppState>,
    _: Anonymous,
    ValidJson { value: token, .. }: ValidJson<RefreshToken>,
) -> ApiResult<Response> {
    let mut tx = state.begin().await?;
    match sessions::spend_refresh_token(&mut tx, &token.refresh_token).await? {
        Spent::Good { user_id, session_id } => {
            let refresh_token = sessions::add_refresh_token(&mut tx, session_id).await?;
            let user = users::find(&mut tx, user_id).await?;
            let logged_in = LoggedIn::new(state.signer()?, user, session_id, &refresh_token)?;
            tx.commit(&state.queues).await?;
            Ok(logged_in.respond(StatusCode::OK))
        }
        Spent::Reused => {
            tx.commit(&state.queues).await?;
            Err(Error::Unauthenticated(
                Code::RefreshTokenReused,
                "The refresh token was used before, so its session has ended. Log in again.",
            )
            .into())
        }
        Spent::Unknown => Err(Error::Unauthenticated(
            Code::RefreshTokenInvalid,
            "The refresh token is not valid or has expired. Log in again.",
        )
        .into()),
    }
}

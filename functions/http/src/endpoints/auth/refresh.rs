//! `POST /v1/auth/refresh`

use axum::{extract::State, http::StatusCode, response::Response};
use shared::{
    Code, Error,
    db::{
        sessions::{self, Refreshed},
        users,
    },
};

use taskbell_http::{
    ApiResult, AppState, Function, Key, Problem, Topic,
    bodies::RefreshToken,
    extract::{Anonymous, PresentedRefreshToken},
    logged_in::LoggedIn,
};

pub(crate) const FUNCTION: Function =
    Function { sends: &[Topic::Events], keys: &[Key::Signing, Key::Refresh], ..Function::DEFAULT };

/// Exchanges a refresh token for new tokens.
///
/// Needs no access token. A refresh token can be used once. A client that did not get the response, or that refreshes
/// twice at once, may use it again within 30 seconds, and gets the same next token, unless that has been used. If it is
/// used again later, it may have been stolen: its session ends, and all tokens of the session stop working.
///
/// With `Taskbell-Session: cookie` the request body is empty.
#[utoipa::path(post, path = "/v1/auth/refresh", operation_id = "refresh", tag = "accounts", security(()),
    request_body = RefreshToken,
    responses((status = 200, body = LoggedIn), (status = 401, description = "The refresh token is unknown, was used before, or has expired.", body = Problem)))]
pub(crate) async fn refresh(
    State(state): State<AppState>,
    _: Anonymous,
    PresentedRefreshToken { token, store }: PresentedRefreshToken,
) -> ApiResult<Response> {
    let mut tx = state.begin().await?;
    match sessions::refresh(&mut tx, state.refresh_key()?, state.settings.refresh_grace, &token).await? {
        Refreshed::Continues { user_id, session_id, refresh_token } => {
            let user = users::find(&mut tx, user_id).await?;
            let logged_in = LoggedIn::new(state.signer()?, user, session_id, refresh_token.as_ref(), &store)?;
            tx.commit(&state.queues).await?;
            Ok(logged_in.respond(StatusCode::OK))
        }
        Refreshed::Reused => {
            tx.commit(&state.queues).await?;
            Err(Error::Unauthenticated(
                Code::RefreshTokenReused,
                "The refresh token was used before, so its session has ended. Log in again.",
            )
            .into())
        }
        Refreshed::Unknown => Err(Error::Unauthenticated(
            Code::RefreshTokenInvalid,
            "The refresh token is not valid or has expired. Log in again.",
        )
        .into()),
    }
}

//! `POST /v1/auth/login`

use axum::{extract::State, http::StatusCode, response::Response};
use serde::Deserialize;
use shared::{
    Code, Error,
    auth::verify_password,
    db::{attempts, users},
    domain::account::normalize_email,
};
use utoipa::ToSchema;

use taskbell_http::{
    ApiResult, AppState, Function, Key, Problem,
    extract::{Anonymous, TokenStore, ValidJson},
    logged_in::LoggedIn,
};

/// Request body for logging in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Login {
    #[schema(format = "line", min_length = 1, max_length = 254)]
    email: String,
    #[schema(max_length = 128)]
    password: String,
}

pub(crate) const FUNCTION: Function =
    Function { memory: 1024, concurrency: Some(20), keys: &[Key::Signing], ..Function::DEFAULT };

/// Logs a user in.
///
/// Needs no access token. The response is the same, and takes as long, for an unknown address, a wrong password and an
/// inactive account. For one e-mail address, ten attempts may fail in 15 minutes from one network address, and a hundred
/// in a day from all network addresses together from which nobody has logged in to the account before. Further attempts
/// get status 429 until that time has passed or the password is reset. An attempt counts as failed until it succeeds.
#[utoipa::path(post, path = "/v1/auth/login", operation_id = "login", tag = "accounts", security(()),
    request_body = Login,
    responses((status = 200, body = LoggedIn), (status = 401, description = "Wrong e-mail address or password, or the account is not active.", body = Problem)))]
pub(crate) async fn login(
    State(state): State<AppState>,
    client: Anonymous,
    store: TokenStore,
    ValidJson { value: login, .. }: ValidJson<Login>,
) -> ApiResult<Response> {
    let email = normalize_email(&login.email);
    let mut tx = state.begin().await?;
    if let Some(retry_after) = attempts::count_log_in(&mut tx, &email, &client.source).await? {
        let detail = "Too many failed log-ins. Wait, or reset the password.";
        return Err(Error::TooManyRequests { code: Code::LoginLocked, detail, retry_after }.into());
    }
    let known = users::credentials(&mut tx, &email).await?.filter(|known| known.active);
    // The attempt counts even if this function fails later, and no lock is held while it hashes.
    tx.commit(&state.queues).await?;

    let fits = verify_password(&login.password, known.as_ref().map(|known| known.password_hash.as_str()))?;
    let mut tx = state.begin().await?;
    let user = match known.filter(|_| fits) {
        Some(compared) => users::confirm(&mut tx, &compared).await?,
        None => None,
    };
    let user = user.ok_or(Error::Unauthenticated(Code::WrongCredentials, "Wrong e-mail address or password."))?;
    attempts::forget_log_in(&mut tx, user.id, &email, &client.source).await?;
    let logged_in = LoggedIn::begin(&mut tx, &state, user, &client, &store).await?;
    tx.commit(&state.queues).await?;
    Ok(logged_in.respond(StatusCode::OK))
}

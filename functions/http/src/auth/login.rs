//! `POST /v1/auth/login`

use axum::{extract::State, http::StatusCode, response::Response};
use serde::Deserialize;
use shared::{
    Code, Error,
    auth::verify_password,
    db::{login_failures, users},
    domain::account::normalize_email,
};
use utoipa::ToSchema;

use taskbell_http::{
    Answer, AppState, Problem,
    extract::{ValidJson, Visitor},
    logged_in::LoggedIn,
};

/// Who someone says they are.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Login {
    #[schema(format = "line", min_length = 1, max_length = 254)]
    email: String,
    #[schema(max_length = 128)]
    password: String,
}

/// Logs a person in.
///
/// An unknown address, a wrong password and an account that is not active answer alike and take as long. After ten failures in a row
/// an address is locked for fifteen minutes, or until its password is reset.
#[utoipa::path(post, path = "/v1/auth/login", operation_id = "login", tag = "accounts", security(()),
    request_body = Login,
    responses((status = 200, body = LoggedIn), (status = 401, description = "No active account has this address and this password.", body = Problem)))]
pub(crate) async fn login(
    State(state): State<AppState>,
    visitor: Visitor,
    ValidJson { value: login, .. }: ValidJson<Login>,
) -> Answer<Response> {
    let email = normalize_email(&login.email);
    let mut tx = state.begin().await?;
    if let Some(retry_after) = login_failures::locked_for(&mut tx, &email).await? {
        let detail = "Too many failed log-ins. Reset the password, or wait.";
        return Err(Error::TooManyRequests { code: Code::LoginLocked, detail, retry_after }.into());
    }
    let known = users::credentials(&mut tx, &email).await?.filter(|known| known.active);
    if !verify_password(&login.password, known.as_ref().map(|known| known.password_hash.as_str()))? {
        login_failures::record(&mut tx, &email).await?;
        tx.commit().await?;
        return Err(Error::Unauthenticated(Code::WrongCredentials, "Wrong e-mail address or password.").into());
    }
    let user_id = known.ok_or(Error::NotFound)?.id;
    login_failures::clear(&mut tx, &email).await?;
    let user = users::find(&mut tx, user_id).await?;
    let logged_in = LoggedIn::begin(&mut tx, &state, user, &visitor).await?;
    tx.commit().await?;
    Ok(logged_in.respond(StatusCode::OK))
}

//! `POST /v1/auth/password/reset`

use axum::{extract::State, http::StatusCode};
use serde::Deserialize;
use shared::{
    Code, Error,
    auth::hash_password,
    db::{attempts, one_time_tokens, sessions, users},
    domain::email::OneTimePurpose,
};
use utoipa::ToSchema;

use taskbell_http::{
    ApiResult, AppState, Function, Topic,
    extract::{Anonymous, ValidJson},
};

/// Request body for setting a new password with a token from an e-mail.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PasswordReset {
    /// Token from the link in the e-mail.
    #[schema(max_length = 200)]
    token: String,
    /// New password.
    #[schema(format = "password", min_length = 10, max_length = 128)]
    password: String,
}

pub(crate) const FUNCTION: Function =
    Function { memory: 1024, concurrency: Some(20), sends: &[Topic::Events], ..Function::DEFAULT };

/// Sets a new password with a token from an e-mail.
///
/// Needs no access token. Ends all sessions of the account, unlocks log-in, and confirms the e-mail address. The token
/// can be used once.
#[utoipa::path(post, path = "/v1/auth/password/reset", operation_id = "reset-password", tag = "accounts", security(()),
    request_body = PasswordReset, responses((status = 204)))]
pub(crate) async fn reset_password(
    State(state): State<AppState>,
    client: Anonymous,
    ValidJson { value: reset, .. }: ValidJson<PasswordReset>,
) -> ApiResult<StatusCode> {
    let bad = || {
        let detail = "is not valid, was used before, or has expired: request a new e-mail";
        Error::invalid_as(Code::OneTimeTokenInvalid, "/token", detail)
    };
    let owner =
        one_time_tokens::owner(&mut *state.connection().await?, &reset.token, OneTimePurpose::ResetPassword).await?;
    owner.ok_or_else(bad)?; // fail before the expensive hashing
    let password_hash = hash_password(&reset.password)?;

    let mut tx = state.begin().await?;
    let user_id =
        one_time_tokens::consume(&mut tx, &reset.token, OneTimePurpose::ResetPassword).await?.ok_or_else(bad)?;
    users::set_password(&mut tx, user_id, &password_hash).await?;
    users::set_email_verified(&mut tx, user_id).await?;
    sessions::revoke_all(&mut tx, user_id, None).await?;
    let user = users::find(&mut tx, user_id).await?;
    attempts::allow_log_in(&mut tx, user_id, &user.email, &client.source).await?;
    tx.commit(&state.queues).await?;
    Ok(StatusCode::NO_CONTENT)
}

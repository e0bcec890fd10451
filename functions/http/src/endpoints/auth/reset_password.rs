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

/// A new password, with the token of the mail that allows it.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PasswordReset {
    /// From the link in the mail.
    #[schema(max_length = 200)]
    token: String,
    /// The new one.
    #[schema(format = "password", min_length = 10, max_length = 128)]
    password: String,
}

pub(crate) const FUNCTION: Function =
    Function { memory: 1024, concurrency: Some(20), sends: &[Topic::Events], ..Function::DEFAULT };

/// Sets a new password with the token of a mail.
///
/// Needs no access token. All sessions of the account end, a lock-out ends, and the address counts as confirmed. The
/// token works once.
#[utoipa::path(post, path = "/v1/auth/password/reset", operation_id = "reset-password", tag = "accounts", security(()),
    request_body = PasswordReset, responses((status = 204)))]
pub(crate) async fn reset_password(
    State(state): State<AppState>,
    client: Anonymous,
    ValidJson { value: reset, .. }: ValidJson<PasswordReset>,
) -> ApiResult<StatusCode> {
    let bad = || {
        let detail = "is not valid, was used, or is too old: ask for a new mail";
        Error::invalid_as(Code::OneTimeTokenInvalid, "/token", detail)
    };
    let owner =
        one_time_tokens::owner(&mut *state.connection().await?, &reset.token, OneTimePurpose::ResetPassword).await?;
    owner.ok_or_else(bad)?; // before there is much work to do
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

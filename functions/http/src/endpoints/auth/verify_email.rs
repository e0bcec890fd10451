//! `POST /v1/auth/email/verify`

use axum::{extract::State, http::StatusCode};
use serde::Deserialize;
use shared::{
    Code, Error,
    db::{one_time_tokens, users},
    domain::email::OneTimePurpose,
};
use utoipa::ToSchema;

use taskbell_http::{
    ApiResult, AppState, Function,
    extract::{Anonymous, ValidJson},
};

/// The token of a mail.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct EmailVerification {
    /// From the link in the mail.
    #[schema(max_length = 200)]
    token: String,
}

pub(crate) const FUNCTION: Function = Function::DEFAULT;

/// Confirms an e-mail address with the token of a mail.
///
/// Needs no access token. The mail is sent at registration. Until the address is confirmed, it gets no other mails
/// than those of the account itself.
#[utoipa::path(post, path = "/v1/auth/email/verify", operation_id = "verify-email", tag = "accounts", security(()),
    request_body = EmailVerification, responses((status = 204)))]
pub(crate) async fn verify_email(
    State(state): State<AppState>,
    _: Anonymous,
    ValidJson { value: verification, .. }: ValidJson<EmailVerification>,
) -> ApiResult<StatusCode> {
    let mut tx = state.begin().await?;
    let Some(user_id) = one_time_tokens::consume(&mut tx, &verification.token, OneTimePurpose::VerifyEmail).await?
    else {
        return Err(
            Error::invalid_as(Code::OneTimeTokenInvalid, "/token", "is not valid, was used, or is too old").into()
        );
    };
    users::set_email_verified(&mut tx, user_id).await?;
    tx.commit(&state.queues).await?;
    Ok(StatusCode::NO_CONTENT)
}

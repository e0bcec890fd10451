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

/// Request body for confirming an e-mail address.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct EmailVerification {
    /// Token from the link in the e-mail.
    #[schema(max_length = 200)]
    token: String,
}

pub(crate) const FUNCTION: Function = Function::DEFAULT;

/// Confirms an e-mail address with a token from an e-mail.
///
/// Needs no access token. The e-mail is sent at registration. Until the address is confirmed, only e-mails about the
/// account itself are sent to it.
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
        return Err(Error::invalid_as(
            Code::OneTimeTokenInvalid,
            "/token",
            "is not valid, was used before, or has expired",
        )
        .into());
    };
    users::set_email_verified(&mut tx, user_id).await?;
    tx.commit(&state.queues).await?;
    Ok(StatusCode::NO_CONTENT)
}

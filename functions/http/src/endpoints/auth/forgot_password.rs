//! `POST /v1/auth/password/forgot`

use axum::{extract::State, http::StatusCode};
use serde::Deserialize;
use shared::{
    db::{emails, users},
    domain::{account::normalize_email, email::EmailKind},
};
use utoipa::ToSchema;
use uuid::Uuid;

use taskbell_http::{
    ApiResult, AppState, Function, Topic,
    extract::{Anonymous, ValidJson},
};

/// Maximum number of these e-mails to an address in an hour.
const PER_HOUR: i64 = 5;

/// Request body for requesting a password reset.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ForgottenPassword {
    /// E-mail address of the account.
    #[schema(format = "line", min_length = 1, max_length = 254)]
    email: String,
}

pub(crate) const FUNCTION: Function = Function { sends: &[Topic::Emails], ..Function::DEFAULT };

/// Sends an e-mail with a link for setting a new password.
///
/// Needs no access token. The response is the same, and takes as long, whether or not the address has an account. An
/// address gets at most five of these e-mails in an hour.
#[utoipa::path(post, path = "/v1/auth/password/forgot", operation_id = "forgot-password", tag = "accounts", security(()),
    request_body = ForgottenPassword, responses((status = 202)))]
pub(crate) async fn forgot_password(
    State(state): State<AppState>,
    _: Anonymous,
    ValidJson { value: forgotten, .. }: ValidJson<ForgottenPassword>,
) -> ApiResult<StatusCode> {
    let mut tx = state.begin().await?;
    let mut user = users::credentials(&mut tx, &normalize_email(&forgotten.email)).await?.filter(|user| user.active);
    // The same statements for all addresses, so that the times match.
    let id = user.as_ref().map_or(Uuid::nil(), |user| user.id);
    if emails::count_last_hour(&mut tx, id, EmailKind::ResetPassword).await? >= PER_HOUR {
        user = None;
    }
    match user {
        Some(user) => emails::enqueue(&mut tx, user.id, EmailKind::ResetPassword).await?,
        None => emails::enqueue_decoy(&mut tx).await?,
    }
    tx.commit(&state.queues).await?;
    Ok(StatusCode::ACCEPTED)
}

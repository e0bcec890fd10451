//! `POST /v1/auth/password/reset`

use axum::{extract::State, http::StatusCode};
use serde::Deserialize;
use shared::{
    Code, Error,
    auth::hash_password,
    db::{
        login_failures,
        one_time_tokens::{self, Purpose},
        sessions, users,
    },
};
use utoipa::ToSchema;

use taskbell_http::{
    Answer, AppState,
    extract::{ValidJson, Visitor},
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

/// Sets a new password with the token of a mail.
///
/// Needs no access token. All sessions of the account end, a lock-out ends, and the address counts as confirmed. The
/// token works once.
#[utoipa::path(post, path = "/v1/auth/password/reset", operation_id = "reset-password", tag = "accounts", security(()),
    request_body = PasswordReset, responses((status = 204)))]
pub(crate) async fn reset_password(
    State(state): State<AppState>,
    _: Visitor,
    ValidJson { value: reset, .. }: ValidJson<PasswordReset>,
) -> Answer<StatusCode> {
    let mut tx = state.begin().await?;
    let Some(user_id) = one_time_tokens::consume(&mut tx, &reset.token, Purpose::ResetPassword).await? else {
        return Err(Error::invalid_as(
            Code::OneTimeTokenInvalid,
            "/token",
            "is not valid, was used, or is too old: ask for a new mail",
        )
        .into());
    };
    users::set_password(&mut tx, user_id, &hash_password(&reset.password)?).await?;
    users::set_email_verified(&mut tx, user_id).await?;
    let outgoing = sessions::revoke_all(&mut tx, user_id, None).await?;
    let user = users::find(&mut tx, user_id).await?;
    login_failures::clear(&mut tx, &user.email).await?;
    state.commit(tx, outgoing).await?;
    Ok(StatusCode::NO_CONTENT)
}

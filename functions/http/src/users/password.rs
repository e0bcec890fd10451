//! `PUT /v1/users/me/password`

use axum::{extract::State, http::StatusCode};
use serde::Deserialize;
use shared::{
    Code, Error,
    auth::{hash_password, verify_password},
    db::{login_failures, sessions, users},
};
use utoipa::ToSchema;

use taskbell_http::{
    Answer, AppState,
    extract::{Authenticated, ValidJson},
};

/// The old password and the new one.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PasswordChange {
    #[schema(max_length = 128)]
    current_password: String,
    #[schema(format = "password", min_length = 10, max_length = 128)]
    new_password: String,
}

/// Changes the password of the caller.
///
/// All other sessions end. A wrong present password is refused, and counts as a failed log-in.
#[utoipa::path(put, path = "/v1/users/me/password", operation_id = "change-password", tag = "accounts",
    request_body = PasswordChange, responses((status = 204)))]
pub(crate) async fn change_password(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    ValidJson { value: change, .. }: ValidJson<PasswordChange>,
) -> Answer<StatusCode> {
    let mut tx = state.begin().await?;
    let email = users::find(&mut tx, caller.id).await?.email;
    if let Some(retry_after) = login_failures::locked_for(&mut tx, &email).await? {
        let detail = "Too many wrong passwords.";
        return Err(Error::TooManyRequests { code: Code::LoginLocked, detail, retry_after }.into());
    }
    let stored = users::password_hash(&mut tx, caller.id).await?;
    if !verify_password(&change.current_password, Some(&stored))? {
        login_failures::record(&mut tx, &email).await?;
        tx.commit().await?;
        return Err(Error::invalid_as(Code::WrongPassword, "/current_password", "is not the present password").into());
    }
    users::set_password(&mut tx, caller.id, &hash_password(&change.new_password)?).await?;
    let outgoing = sessions::revoke_all(&mut tx, caller.id, Some(caller.session_id)).await?;
    state.commit(tx, outgoing).await?;
    Ok(StatusCode::NO_CONTENT)
}

//! `PUT /v1/users/me/password`

use axum::{extract::State, http::StatusCode};
use serde::Deserialize;
use shared::{
    Code, Error,
    auth::{hash_password, verify_password},
    db::{attempts, sessions, users},
};
use utoipa::ToSchema;

use taskbell_http::{
    ApiResult, AppState, Function, Topic,
    extract::{Authenticated, ValidJson},
};

/// Request body for changing the caller's password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PasswordChange {
    #[schema(max_length = 128)]
    current_password: String,
    #[schema(format = "password", min_length = 10, max_length = 128)]
    new_password: String,
}

pub(crate) const FUNCTION: Function =
    Function { memory: 1024, concurrency: Some(20), sends: &[Topic::Events], ..Function::DEFAULT };

/// Changes the password of the caller.
///
/// Ends all other sessions of the caller and invalidates links for resetting the password. In one session, ten attempts
/// may fail in 15 minutes. Failed log-ins do not count.
#[utoipa::path(put, path = "/v1/users/me/password", operation_id = "change-password", tag = "accounts",
    request_body = PasswordChange, responses((status = 204)))]
pub(crate) async fn change_password(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    ValidJson { value: change, .. }: ValidJson<PasswordChange>,
) -> ApiResult<StatusCode> {
    let wrong = || Error::invalid_as(Code::WrongPassword, "/current_password", "is not the current password");
    let mut tx = state.begin().await?;
    if let Some(retry_after) = attempts::count_password_change(&mut tx, caller.session_id).await? {
        let detail = "Too many attempts with a wrong password.";
        return Err(Error::TooManyRequests { code: Code::LoginLocked, detail, retry_after }.into());
    }
    let compared = users::credentials_of(&mut tx, caller.id).await?;
    tx.commit(&state.queues).await?;
    if !verify_password(&change.current_password, Some(&compared.password_hash))? {
        return Err(wrong().into());
    }
    let password_hash = hash_password(&change.new_password)?;

    // Another request may have changed the password or ended the session meanwhile.
    let mut tx = state.begin().await?;
    let confirmed = users::confirm(&mut tx, &compared).await?;
    sessions::authenticate(&mut tx, (&caller).into()).await?;
    confirmed.ok_or_else(wrong)?;
    users::set_password(&mut tx, caller.id, &password_hash).await?;
    attempts::forget_password_change(&mut tx, caller.session_id).await?;
    sessions::revoke_all(&mut tx, caller.id, Some(caller.session_id)).await?;
    tx.commit(&state.queues).await?;
    Ok(StatusCode::NO_CONTENT)
}

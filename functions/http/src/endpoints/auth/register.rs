//! `POST /v1/auth/register`

use axum::{
    extract::State,
    http::{HeaderValue, StatusCode, header},
    response::Response,
};
use serde::Deserialize;
use shared::{
    auth::hash_password,
    db::{emails, users},
    domain::{
        account::{Role, normalize_email},
        email::EmailKind,
    },
};
use utoipa::ToSchema;

use taskbell_http::{
    ApiResult, AppState, Function, Key, Problem, Topic,
    extract::{Anonymous, TokenStore, ValidJson},
    logged_in::LoggedIn,
};

/// Request body for creating an account.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Registration {
    /// E-mail address. An e-mail with a confirmation link is sent to it.
    #[schema(format = "email", max_length = 254)]
    email: String,
    /// Password. A passphrase is best.
    #[schema(format = "password", min_length = 10, max_length = 128)]
    password: String,
    /// Name that other users see.
    #[schema(format = "name", min_length = 1, max_length = 100)]
    name: String,
    /// IANA time zone. Defaults to UTC.
    #[schema(format = "time-zone", max_length = 100, example = "Europe/Berlin")]
    time_zone: Option<String>,
}

pub(crate) const FUNCTION: Function = Function {
    memory: 1024,
    concurrency: Some(20),
    sends: &[Topic::Emails],
    keys: &[Key::Signing],
    ..Function::DEFAULT
};

/// Creates an account and logs its user in.
///
/// Needs no access token. Sends an e-mail with a link that confirms the address. The new account has the role `user`.
#[utoipa::path(post, path = "/v1/auth/register", operation_id = "register", tag = "accounts", security(()),
    request_body = Registration,
    responses((status = 201, headers(("Location")), body = LoggedIn), (status = 409, description = "An account with this e-mail address exists.", body = Problem)))]
pub(crate) async fn register(
    State(state): State<AppState>,
    client: Anonymous,
    store: TokenStore,
    ValidJson { value: new, .. }: ValidJson<Registration>,
) -> ApiResult<Response> {
    let password_hash = hash_password(&new.password)?;
    let mut tx = state.begin().await?;
    let user = users::NewUser {
        email: &normalize_email(&new.email),
        name: new.name.trim(),
        password_hash: &password_hash,
        role: Role::User,
        time_zone: new.time_zone.as_deref().unwrap_or("UTC"),
    };
    let user = users::create(&mut tx, &user).await?;
    emails::enqueue(&mut tx, user.id, EmailKind::VerifyEmail).await?;
    let logged_in = LoggedIn::begin(&mut tx, &state, user, &client, &store).await?;
    tx.commit(&state.queues).await?;

    let mut response = logged_in.respond(StatusCode::CREATED);
    response.headers_mut().insert(header::LOCATION, HeaderValue::from_static("/v1/users/me"));
    Ok(response)
}

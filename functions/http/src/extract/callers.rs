use axum::{
    extract::FromRequestParts,
    http::{header, request::Parts},
};
use lambda_http::request::RequestContext;
use shared::{
    Code, Error,
    db::sessions,
    domain::{
        Caller, TokenClaims,
        account::{self, Role},
    },
};

use crate::{ApiError, AppState, app::LogUser};

/// Anyone who is logged in: the access token is valid, the session goes on, and the account is active at this moment.
pub struct Authenticated(pub Caller);

/// Anyone whose access token is valid. Their session may be over: with a [`TokenClaims`] there is nothing to be done but to authenticate it, by
/// [`sessions::authenticate`] or in the statement itself, as in [`shared::db::tasks::create`].
pub struct VerifiedToken(pub TokenClaims);

/// An administrator.
pub struct Administrator(pub Caller);

/// A manager or an administrator.
pub struct Manager(pub Caller);

/// Anyone at all, but not too often from one address.
pub struct Anonymous {
    /// Where the request comes from, as the gateway saw it.
    pub ip_address: String,
    /// What counts as one with that: [`account::source`].
    pub source: String,
    /// What the client calls itself, cut to 200 characters.
    pub user_agent: String,
}

const TOO_MANY: &str = "Too many requests.";

impl FromRequestParts<AppState> for Authenticated {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        let claims = claims(parts, state)?;
        let caller = async { sessions::authenticate(&mut *state.connection().await?, claims).await };
        let (caller, limited) = tokio::join!(caller, limit(claims, state));
        let caller = caller?;
        limited?;
        Ok(Self(caller))
    }
}

impl FromRequestParts<AppState> for VerifiedToken {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        let claims = claims(parts, state)?;
        limit(claims, state).await?;
        Ok(Self(claims))
    }
}

impl FromRequestParts<AppState> for Administrator {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        match Authenticated::from_request_parts(parts, state).await?.0 {
            caller if caller.role == Role::Admin => Ok(Self(caller)),
            _ => Err(Error::forbidden(Code::AdministratorRequired, "Only an administrator may do this.").into()),
        }
    }
}

impl FromRequestParts<AppState> for Manager {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        match Authenticated::from_request_parts(parts, state).await?.0 {
            caller if caller.role >= Role::Manager => Ok(Self(caller)),
            _ => Err(Error::forbidden(Code::ManagerRequired, "Only a manager or an administrator may do this.").into()),
        }
    }
}

impl FromRequestParts<AppState> for Anonymous {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        let ip_address = match parts.extensions.get() {
            Some(RequestContext::ApiGatewayV2(context)) => context.http.source_ip.clone(),
            _ => None,
        }
        .unwrap_or_default();
        let user_agent =
            parts.headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let user_agent = user_agent.chars().take(200).collect();
        match state.cache.count_request(&format!("ip:{ip_address}"), state.settings.open_per_minute).await {
            Ok(Some(retry_after)) => {
                Err(Error::TooManyRequests { code: Code::RateLimited, detail: TOO_MANY, retry_after }.into())
            }
            Ok(None) | Err(_) => Ok(Self { source: account::source(&ip_address), ip_address, user_agent }),
        }
    }
}

/// Whom the access token names that was sent, if it is valid.
fn claims(parts: &Parts, state: &AppState) -> Result<TokenClaims, ApiError> {
    let token = token(parts)
        .ok_or(Error::Unauthenticated(Code::TokenMissing, "Send an access token: Authorization: Bearer <token>."))?;
    let token = state.verifier.verify(token).ok_or(Error::Unauthenticated(
        Code::TokenInvalid,
        "The access token is wrong or has expired. Refresh it or log in.",
    ))?;
    if let Some(user) = parts.extensions.get::<LogUser>() {
        user.0.get_or_init(|| token.sub);
    }
    Ok(TokenClaims { user_id: token.sub, session_id: token.sid })
}

fn token(parts: &Parts) -> Option<&str> {
    let (scheme, token) = parts.headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

async fn limit(claims: TokenClaims, state: &AppState) -> Result<(), Error> {
    let who = format!("user:{}", claims.user_id);
    match state.cache.count_request(&who, state.settings.user_per_minute).await {
        Ok(Some(retry_after)) => Err(Error::TooManyRequests { code: Code::RateLimited, detail: TOO_MANY, retry_after }),
        Ok(None) | Err(_) => Ok(()),
    }
}

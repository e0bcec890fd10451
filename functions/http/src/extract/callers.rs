use axum::{
    extract::FromRequestParts,
    http::{HeaderName, header, request::Parts},
};
use lambda_http::request::RequestContext;
use shared::{
    Code, Error,
    auth::Secret,
    db::sessions,
    domain::{
        Caller, TokenClaims,
        account::{self, Role},
    },
};

use crate::{ApiError, AppState, app::LogUser, cookies::SessionCookies};

/// A caller who is logged in: the access token is valid, the session has not ended, and the account is active.
pub struct Authenticated(pub Caller);

/// A caller with a valid access token. Their session may have ended, so the handler must authenticate the
/// [`TokenClaims`], with [`sessions::authenticate`] or within its own statement, as [`shared::db::tasks::create`]
/// does.
pub struct VerifiedToken(pub TokenClaims);

/// A caller who is an administrator.
pub struct Administrator(pub Caller);

/// A caller who is a manager or an administrator.
pub struct Manager(pub Caller);

/// A caller without authentication. The number of requests from one IP address is limited.
pub struct Anonymous {
    /// The IP address of the client, as the gateway reports it, or the content delivery network in front of it.
    pub ip_address: String,
    /// The group of addresses that counts as one source: see [`account::source`].
    pub source: String,
    /// The `User-Agent` header, cut to 200 characters.
    pub user_agent: String,
}

/// The header with the secret that CloudFront adds to each request to its origin.
const ORIGIN_SECRET: HeaderName = HeaderName::from_static("taskbell-origin-secret");
/// The address and port of the client of CloudFront
/// (<https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/adding-cloudfront-headers.html>).
const VIEWER_ADDRESS: HeaderName = HeaderName::from_static("cloudfront-viewer-address");

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
        let ip_address = ip_address(parts, state.settings.origin_secret.as_deref()).unwrap_or_default();
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

/// Returns the claims of the access token. Fails if it is missing or not valid.
fn claims(parts: &Parts, state: &AppState) -> Result<TokenClaims, ApiError> {
    let token = token(parts, state.settings.cookies.as_ref())
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

/// Returns the access token: that of the `Authorization` header, or without this header the cookie, if cookies count.
fn token<'a>(parts: &'a Parts, cookies: Option<&SessionCookies>) -> Option<&'a str> {
    let Some(authorization) = parts.headers.get(header::AUTHORIZATION) else {
        return cookies.filter(|_| SessionCookies::are_requested(&parts.headers))?.access_token(&parts.headers);
    };
    let (scheme, token) = authorization.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// Returns the IP address of the client. On a request with the origin's secret it is that of the client of the content
/// delivery network, otherwise that of the connection to the gateway.
fn ip_address(parts: &Parts, origin_secret: Option<&str>) -> Option<String> {
    let header = |name: &HeaderName| parts.headers.get(name)?.to_str().ok();
    // Hashes are compared, so that the duration reveals nothing of the secret.
    let trusted = origin_secret.zip(header(&ORIGIN_SECRET)).is_some_and(|(a, b)| Secret::hash(a) == Secret::hash(b));
    if trusted && let Some((address, _port)) = header(&VIEWER_ADDRESS).and_then(|viewer| viewer.rsplit_once(':')) {
        return Some(address.to_owned());
    }
    match parts.extensions.get() {
        Some(RequestContext::ApiGatewayV2(context)) => context.http.source_ip.clone(),
        _ => None,
    }
}

async fn limit(claims: TokenClaims, state: &AppState) -> Result<(), Error> {
    let who = format!("user:{}", claims.user_id);
    match state.cache.count_request(&who, state.settings.user_per_minute).await {
        Ok(Some(retry_after)) => Err(Error::TooManyRequests { code: Code::RateLimited, detail: TOO_MANY, retry_after }),
        Ok(None) | Err(_) => Ok(()),
    }
}

//! `GET /v1/health`

use axum::{
    Json,
    extract::State,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use utoipa::ToSchema;

use taskbell_http::{AppState, Cause, Function, KeepBody};

/// Health of the service.
#[derive(Serialize, ToSchema)]
pub(crate) struct Health {
    /// `ok`, `degraded` if the cache is not available, or `down` if the database is not available.
    status: &'static str,
    /// The deployed version.
    version: &'static str,
    checks: Checks,
}

/// Status of each dependency: `ok` or `down`.
#[derive(Serialize, ToSchema)]
pub(crate) struct Checks {
    database: &'static str,
    cache: &'static str,
}

pub(crate) const FUNCTION: Function = Function::DEFAULT;

/// Returns the health of the service.
///
/// Needs no access token. The status is 503 if the database is not available. Without the cache the service works, but
/// does not push to WebSockets or limit requests.
#[utoipa::path(get, path = "/v1/health", operation_id = "get-health", tag = "service", security(()),
    responses((status = 200, body = Health), (status = 503, description = "The database is not available.", body = Health)))]
pub(crate) async fn get_health(State(state): State<AppState>) -> Response {
    let (database, cache) = tokio::join!(state.db.ping(), state.cache.ping());
    let (status, word) = match (&database, &cache) {
        (Err(_), _) => (StatusCode::SERVICE_UNAVAILABLE, "down"),
        (Ok(()), Err(_)) => (StatusCode::OK, "degraded"),
        (Ok(()), Ok(())) => (StatusCode::OK, "ok"),
    };
    let ok = |up: bool| if up { "ok" } else { "down" };
    let checks = Checks { database: ok(database.is_ok()), cache: ok(cache.is_ok()) };
    let mut response =
        (status, Json(Health { status: word, version: env!("CARGO_PKG_VERSION"), checks })).into_response();
    if let Err(error) = database {
        response.extensions_mut().insert(Cause(error.cause().unwrap_or_default()));
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
        response.extensions_mut().insert(KeepBody);
    }
    response
}

//! `GET /v1/auth/jwks.json`

use axum::{
    Json,
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use serde_json::json;

use taskbell_http::{AppState, Function};

pub(crate) const FUNCTION: Function = Function::DEFAULT;

/// Returns the public keys that verify access tokens.
///
/// A JSON Web Key Set (RFC 7517). Needs no access token. A key stays in the set as long as tokens
/// that it signed are valid.
#[utoipa::path(get, path = "/v1/auth/jwks.json", operation_id = "get-jwks", tag = "accounts", security(()),
    responses((status = 200, body = serde_json::Value)))]
pub(crate) async fn get_jwks(State(state): State<AppState>) -> Response {
    let keys: Vec<_> = state.verifier.public_keys().collect();
    ([(header::CACHE_CONTROL, "public, max-age=300")], Json(json!({ "keys": keys }))).into_response()
}

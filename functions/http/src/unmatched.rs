//! Handles requests that match no route of the gateway.

use axum::{
    Router,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::any,
};
use serde_json::Value;

use crate::AppState;

/// Returns a router that responds to every request with an error: 405 with an `Allow` header if the path is in the
/// OpenAPI document, or 404 if not.
pub fn unmatched(document: &str) -> Router<AppState> {
    let document: Value = serde_json::from_str(document).unwrap_or_default();
    let mut router = Router::new();
    for (path, methods) in document["paths"].as_object().into_iter().flatten() {
        let methods = methods.as_object().into_iter().flatten().map(|(method, _)| method.to_uppercase());
        let allow = HeaderValue::try_from(methods.collect::<Vec<_>>().join(", "));
        let allow = allow.unwrap_or_else(|_| HeaderValue::from_static(""));
        router = router.route(path, any(move || async move { not_allowed(allow) }));
    }
    router
}

fn not_allowed(allow: HeaderValue) -> Response {
    (StatusCode::METHOD_NOT_ALLOWED, [(header::ALLOW, allow)]).into_response()
}

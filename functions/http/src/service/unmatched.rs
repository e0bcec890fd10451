//! What answers a request that fits no route of the gateway.

use axum::{
    Router,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::any,
};

use crate::{AppState, routes};

/// A router that knows every path and serves none: 405 with `Allow` where another method would do, 404 elsewhere.
pub fn router() -> Router<AppState> {
    let document = serde_json::to_value(routes::document()).unwrap_or_default();
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

/// Serves [`router`] as the Lambda function of the `$default` route.
pub fn run() -> std::process::ExitCode {
    crate::app::serve(router(), false)
}

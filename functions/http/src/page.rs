//! The page of the documentation.

use axum::{
    http::header,
    response::{IntoResponse, Response},
};

/// Swagger UI as a single page, built by `build.rs`.
const DOCS: &str = include_str!(concat!(env!("OUT_DIR"), "/docs.html"));

/// Returns the page of the documentation. Its policy allows only inline scripts and styles, and requests to its own
/// origin: the page loads nothing from other servers.
pub fn docs() -> Response {
    let policy = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'; \
                  img-src data:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CONTENT_SECURITY_POLICY, policy),
        (header::REFERRER_POLICY, "no-referrer"),
    ];
    (headers, DOCS).into_response()
}

//! HTML pages for people. They load nothing from elsewhere and keep what is in their address out of referrers.

use axum::{
    http::header,
    response::{IntoResponse, Response},
};

/// Swagger UI in one page, made by `build.rs`.
pub const DOCS: &str = include_str!(concat!(env!("OUT_DIR"), "/docs.html"));

/// An HTML page that may run what is in it and speak to its own origin, and nothing else.
pub fn page(html: &'static str) -> Response {
    let policy = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'; \
                  img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CONTENT_SECURITY_POLICY, policy),
        (header::REFERRER_POLICY, "no-referrer"),
    ];
    (headers, html).into_response()
}

//! Pages where the links of mails lead while no browser client is deployed. They load nothing from elsewhere, keep the token out of
//! referrers, and do nothing until their button is pressed: mail scanners open links.

use axum::{
    http::header,
    response::{IntoResponse, Response},
};

/// Confirms an address at the press of a button.
#[utoipa::path(get, path = "/account/verify-email", operation_id = "verify-email-page", tag = "service", security(()),
    params(("token" = Option<String>, Query)), responses((status = 200, content_type = "text/html", body = String)))]
pub async fn verify_email_page() -> Response {
    page(include_str!("verify-email.html"))
}

/// Asks for a new password.
#[utoipa::path(get, path = "/account/reset-password", operation_id = "reset-password-page", tag = "service", security(()),
    params(("token" = Option<String>, Query)), responses((status = 200, content_type = "text/html", body = String)))]
pub async fn reset_password_page() -> Response {
    page(include_str!("reset-password.html"))
}

/// An HTML page that may run what is in it and speak to its own origin, and nothing else.
pub(super) fn page(html: &'static str) -> Response {
    let policy = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'; \
                  img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CONTENT_SECURITY_POLICY, policy),
        (header::REFERRER_POLICY, "no-referrer"),
    ];
    (headers, html).into_response()
}

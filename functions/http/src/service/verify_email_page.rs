//! `GET /account/verify-email`

use axum::{http::StatusCode, response::Response};
use taskbell_http::{Answer, page};

/// Confirms an address at the press of a button, and not before: mail scanners open links.
#[utoipa::path(get, path = "/account/verify-email", operation_id = "verify-email-page", tag = "service", security(()),
    params(("token" = Option<String>, Query)), responses((status = 200, content_type = "text/html", body = String)))]
pub(crate) async fn verify_email_page() -> Answer<Response> {
    Ok(page::render(StatusCode::OK, &page::VerifyEmail)?)
}

//! `GET /account/reset-password`

use axum::{http::StatusCode, response::Response};
use taskbell_http::{Answer, page};

/// Asks for a new password.
#[utoipa::path(get, path = "/account/reset-password", operation_id = "reset-password-page", tag = "service", security(()),
    params(("token" = Option<String>, Query)), responses((status = 200, content_type = "text/html", body = String)))]
pub(crate) async fn reset_password_page() -> Answer<Response> {
    Ok(page::render(StatusCode::OK, &page::ResetPassword)?)
}

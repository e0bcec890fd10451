//! `GET /account/reset-password`

use axum::response::Response;
use taskbell_http::page;

/// Asks for a new password.
#[utoipa::path(get, path = "/account/reset-password", operation_id = "reset-password-page", tag = "service", security(()),
    params(("token" = Option<String>, Query)), responses((status = 200, content_type = "text/html", body = String)))]
pub(crate) async fn reset_password_page() -> Response {
    page::page(include_str!("reset-password.html"))
}

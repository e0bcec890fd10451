//! `GET /account/reset-password`

use axum::{http::StatusCode, response::Response};
use taskbell_http::{ApiResult, Function, page};

pub(crate) const FUNCTION: Function = Function::DEFAULT;

/// Shows a page that asks for a new password.
///
/// E-mails link to it, unless the deployment has its own pages. The token from the e-mail stays in the page's URL until
/// the form is sent; the page then calls `POST /v1/auth/password/reset`.
#[utoipa::path(get, path = "/account/reset-password", operation_id = "reset-password-page", tag = "service", security(()),
    params(("token" = Option<String>, Query)), responses((status = 200, content_type = "text/html", body = String)))]
pub(crate) async fn reset_password_page() -> ApiResult<Response> {
    Ok(page::render(StatusCode::OK, &page::ResetPassword)?)
}

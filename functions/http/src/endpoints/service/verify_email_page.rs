//! `GET /account/verify-email`

use axum::{http::StatusCode, response::Response};
use taskbell_http::{ApiResult, Function, page};

pub(crate) const FUNCTION: Function = Function::DEFAULT;

/// Shows a page that confirms an e-mail address at the press of a button.
///
/// Mails link to it, unless the deployment has pages of its own. Opening it changes nothing, since mail scanners open
/// links; the button calls `POST /v1/auth/email/verify`.
#[utoipa::path(get, path = "/account/verify-email", operation_id = "verify-email-page", tag = "service", security(()),
    params(("token" = Option<String>, Query)), responses((status = 200, content_type = "text/html", body = String)))]
pub(crate) async fn verify_email_page() -> ApiResult<Response> {
    Ok(page::render(StatusCode::OK, &page::VerifyEmail)?)
}

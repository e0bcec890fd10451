//! `GET /account/verify-email`

use axum::{http::StatusCode, response::Response};
use taskbell_http::{ApiResult, Function, page};

pub(crate) const FUNCTION: Function = Function::DEFAULT;

/// Shows a page with a button that confirms an e-mail address.
///
/// E-mails link to it, unless the deployment has its own pages. Opening it changes nothing, because e-mail scanners open
/// links; the button calls `POST /v1/auth/email/verify`.
#[utoipa::path(get, path = "/account/verify-email", operation_id = "verify-email-page", tag = "service", security(()),
    params(("token" = Option<String>, Query)), responses((status = 200, content_type = "text/html", body = String)))]
pub(crate) async fn verify_email_page() -> ApiResult<Response> {
    Ok(page::render(StatusCode::OK, &page::VerifyEmail)?)
}

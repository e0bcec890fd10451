//! `GET /account/verify-email`

use taskbell_http::service;

fn main() -> std::process::ExitCode {
    taskbell_http::run(utoipa_axum::routes!(service::pages::verify_email_page))
}

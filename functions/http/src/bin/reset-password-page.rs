//! `GET /account/reset-password`

use taskbell_http::service;

fn main() -> std::process::ExitCode {
    taskbell_http::run(utoipa_axum::routes!(service::pages::reset_password_page))
}

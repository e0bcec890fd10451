//! `POST /v1/auth/register`

use taskbell_http::auth;

fn main() -> std::process::ExitCode {
    taskbell_http::run_issuing(utoipa_axum::routes!(auth::register::register))
}

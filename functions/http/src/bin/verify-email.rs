//! `POST /v1/auth/email/verify`

use taskbell_http::auth;

fn main() -> std::process::ExitCode {
    taskbell_http::run(utoipa_axum::routes!(auth::verify_email::verify_email))
}

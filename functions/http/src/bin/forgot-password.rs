//! `POST /v1/auth/password/forgot`

use taskbell_http::auth;

fn main() -> std::process::ExitCode {
    taskbell_http::run(utoipa_axum::routes!(auth::forgot_password::forgot_password))
}

//! `POST /v1/auth/password/reset`

use taskbell_http::auth;

fn main() -> std::process::ExitCode {
    taskbell_http::run(utoipa_axum::routes!(auth::reset_password::reset_password))
}

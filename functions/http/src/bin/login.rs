//! `POST /v1/auth/login`

use taskbell_http::auth;

fn main() -> std::process::ExitCode {
    taskbell_http::run_issuing(utoipa_axum::routes!(auth::login::login))
}

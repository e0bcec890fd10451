//! `POST /v1/auth/logout`

use taskbell_http::auth;

fn main() -> std::process::ExitCode {
    taskbell_http::run(utoipa_axum::routes!(auth::logout::logout))
}

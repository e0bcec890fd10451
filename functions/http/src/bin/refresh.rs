//! `POST /v1/auth/refresh`

use taskbell_http::auth;

fn main() -> std::process::ExitCode {
    taskbell_http::run_issuing(utoipa_axum::routes!(auth::refresh::refresh))
}

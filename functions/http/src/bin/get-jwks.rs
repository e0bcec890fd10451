//! `GET /v1/auth/jwks.json`

use taskbell_http::auth;

fn main() -> std::process::ExitCode {
    taskbell_http::run(utoipa_axum::routes!(auth::jwks::get_jwks))
}

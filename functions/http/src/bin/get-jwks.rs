//! `GET /v1/auth/jwks.json`

#[path = "../auth/jwks.rs"]
mod endpoint;

fn main() -> std::process::ExitCode {
    taskbell_http::run(utoipa_axum::routes!(endpoint::get_jwks))
}

//! `POST /v1/auth/login`

#[path = "../auth/login.rs"]
mod endpoint;

fn main() -> std::process::ExitCode {
    taskbell_http::run_issuing(utoipa_axum::routes!(endpoint::login))
}

//! `POST /v1/auth/register`

#[path = "../auth/register.rs"]
mod endpoint;

fn main() -> std::process::ExitCode {
    taskbell_http::run_issuing(utoipa_axum::routes!(endpoint::register))
}

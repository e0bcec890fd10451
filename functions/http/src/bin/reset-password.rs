//! `POST /v1/auth/password/reset`

#[path = "../auth/reset_password.rs"]
mod endpoint;

fn main() -> std::process::ExitCode {
    taskbell_http::run(utoipa_axum::routes!(endpoint::reset_password))
}

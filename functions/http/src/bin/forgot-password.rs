//! `POST /v1/auth/password/forgot`

#[path = "../auth/forgot_password.rs"]
mod endpoint;

fn main() -> std::process::ExitCode {
    taskbell_http::run(utoipa_axum::routes!(endpoint::forgot_password))
}

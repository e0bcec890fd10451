//! `POST /v1/auth/email/verify`

#[path = "../auth/verify_email.rs"]
mod endpoint;

fn main() -> std::process::ExitCode {
    taskbell_http::run(utoipa_axum::routes!(endpoint::verify_email))
}

//! `POST /v1/auth/logout`

#[path = "../auth/logout.rs"]
mod endpoint;

fn main() -> std::process::ExitCode {
    taskbell_http::run(utoipa_axum::routes!(endpoint::logout))
}

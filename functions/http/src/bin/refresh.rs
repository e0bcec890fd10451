//! `POST /v1/auth/refresh`

#[path = "../auth/refresh.rs"]
mod endpoint;

fn main() -> std::process::ExitCode {
    taskbell_http::run_issuing(utoipa_axum::routes!(endpoint::refresh))
}

//! `GET /v1/health`

#[path = "../service/health.rs"]
mod endpoint;

fn main() -> std::process::ExitCode {
    taskbell_http::run(utoipa_axum::routes!(endpoint::get_health))
}

//! `GET /v1/health`

use taskbell_http::service;

fn main() -> std::process::ExitCode {
    taskbell_http::run(utoipa_axum::routes!(service::health::get_health))
}

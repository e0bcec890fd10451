//! `GET /v1/openapi.json`

use taskbell_http::service;

fn main() -> std::process::ExitCode {
    taskbell_http::run(utoipa_axum::routes!(service::openapi::get_openapi))
}

//! `GET /docs`

use taskbell_http::service;

fn main() -> std::process::ExitCode {
    taskbell_http::run(utoipa_axum::routes!(service::docs::get_docs))
}

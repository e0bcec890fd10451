//! `GET /v1/openapi.json`

#[path = "../service/openapi.rs"]
mod endpoint;

fn main() -> std::process::ExitCode {
    taskbell_http::run(utoipa_axum::routes!(endpoint::get_openapi))
}

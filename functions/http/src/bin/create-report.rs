//! `POST /v1/reports`

#[path = "../reports/create.rs"]
mod endpoint;

fn main() -> std::process::ExitCode {
    taskbell_http::run(utoipa_axum::routes!(endpoint::create_report))
}

//! `GET /v1/reports/{id}`

#[path = "../reports/get.rs"]
mod endpoint;

fn main() -> std::process::ExitCode {
    taskbell_http::run(utoipa_axum::routes!(endpoint::get_report))
}

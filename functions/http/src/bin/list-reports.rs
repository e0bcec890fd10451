//! `GET /v1/reports`

#[path = "../reports/list.rs"]
mod endpoint;

fn main() -> std::process::ExitCode {
    taskbell_http::run(utoipa_axum::routes!(endpoint::list_reports))
}

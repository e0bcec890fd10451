//! `GET /v1/projects`

#[path = "../projects/list.rs"]
mod endpoint;

fn main() -> std::process::ExitCode {
    taskbell_http::run(utoipa_axum::routes!(endpoint::list_projects))
}

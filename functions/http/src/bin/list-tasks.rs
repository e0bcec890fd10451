//! `GET /v1/tasks`

#[path = "../tasks/list.rs"]
mod endpoint;

fn main() -> std::process::ExitCode {
    taskbell_http::run(utoipa_axum::routes!(endpoint::list_tasks))
}

//! `PUT /v1/tasks/{id}/status`

#[path = "../tasks/status.rs"]
mod endpoint;

fn main() -> std::process::ExitCode {
    taskbell_http::run(utoipa_axum::routes!(endpoint::set_task_status))
}

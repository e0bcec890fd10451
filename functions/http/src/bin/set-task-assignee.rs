//! `PUT /v1/tasks/{id}/assignee`

#[path = "../tasks/assignee.rs"]
mod endpoint;

fn main() -> std::process::ExitCode {
    taskbell_http::run(utoipa_axum::routes!(endpoint::set_task_assignee))
}

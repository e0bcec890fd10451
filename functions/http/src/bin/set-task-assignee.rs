//! `PUT /v1/tasks/{id}/assignee`

use taskbell_http::tasks;

fn main() -> std::process::ExitCode {
    taskbell_http::run(utoipa_axum::routes!(tasks::assignee::set_task_assignee))
}

//! `PUT /v1/tasks/{id}/status`

use taskbell_http::tasks;

fn main() -> std::process::ExitCode {
    taskbell_http::run(utoipa_axum::routes!(tasks::status::set_task_status))
}

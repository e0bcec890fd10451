//! `GET /v1/tasks/{id}/activity`

use taskbell_http::tasks;

fn main() -> std::process::ExitCode {
    taskbell_http::run(utoipa_axum::routes!(tasks::activity::list_activity))
}

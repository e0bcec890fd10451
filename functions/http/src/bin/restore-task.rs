//! `POST /v1/tasks/{id}/restore`

use taskbell_http::tasks;

fn main() -> std::process::ExitCode {
    taskbell_http::run(utoipa_axum::routes!(tasks::restore::restore_task))
}

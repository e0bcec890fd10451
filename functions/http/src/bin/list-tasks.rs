//! `GET /v1/tasks`

use taskbell_http::tasks;

fn main() -> std::process::ExitCode {
    taskbell_http::run(utoipa_axum::routes!(tasks::list::list_tasks))
}

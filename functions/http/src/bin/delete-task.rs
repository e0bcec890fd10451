//! `DELETE /v1/tasks/{id}`

use taskbell_http::tasks;

fn main() -> std::process::ExitCode {
    taskbell_http::run(utoipa_axum::routes!(tasks::delete::delete_task))
}

//! `DELETE /v1/tasks/{id}/watchers/me`

use taskbell_http::tasks;

fn main() -> std::process::ExitCode {
    taskbell_http::run(utoipa_axum::routes!(tasks::watchers::unwatch_task))
}

//! `DELETE /v1/tasks/{id}/watchers/me`

#[path = "../tasks/unwatch.rs"]
mod endpoint;

fn main() -> std::process::ExitCode {
    taskbell_http::run(utoipa_axum::routes!(endpoint::unwatch_task))
}

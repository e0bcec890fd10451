//! `PUT /v1/tasks/{id}/watchers/me`

#[path = "../tasks/watch.rs"]
mod endpoint;

fn main() -> std::process::ExitCode {
    taskbell_http::run(utoipa_axum::routes!(endpoint::watch_task))
}

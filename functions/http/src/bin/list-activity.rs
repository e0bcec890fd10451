//! `GET /v1/tasks/{id}/activity`

#[path = "../tasks/activity.rs"]
mod endpoint;

fn main() -> std::process::ExitCode {
    taskbell_http::run(utoipa_axum::routes!(endpoint::list_activity))
}

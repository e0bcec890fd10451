//! `POST /v1/tasks/{id}/restore`

#[path = "../tasks/restore.rs"]
mod endpoint;

fn main() -> std::process::ExitCode {
    taskbell_http::run(utoipa_axum::routes!(endpoint::restore_task))
}

//! `POST /v1/projects/{id}/restore`

#[path = "../projects/restore.rs"]
mod endpoint;

fn main() -> std::process::ExitCode {
    taskbell_http::run(utoipa_axum::routes!(endpoint::restore_project))
}

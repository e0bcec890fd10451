//! `PATCH /v1/tasks/{id}`

#[path = "../tasks/update.rs"]
mod endpoint;

fn main() -> std::process::ExitCode {
    taskbell_http::run(utoipa_axum::routes!(endpoint::update_task))
}

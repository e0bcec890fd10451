//! `POST /v1/tasks`

#[path = "../tasks/create.rs"]
mod endpoint;

fn main() -> std::process::ExitCode {
    taskbell_http::run(utoipa_axum::routes!(endpoint::create_task))
}

//! `GET /v1/tasks/{id}`

#[path = "../tasks/get.rs"]
mod endpoint;

fn main() -> std::process::ExitCode {
    taskbell_http::run(utoipa_axum::routes!(endpoint::get_task))
}

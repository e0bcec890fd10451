//! `POST /v1/tasks/{id}/comments`

#[path = "../comments/create.rs"]
mod endpoint;

fn main() -> std::process::ExitCode {
    taskbell_http::run(utoipa_axum::routes!(endpoint::create_comment))
}

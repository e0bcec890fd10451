//! `POST /v1/projects`

#[path = "../projects/create.rs"]
mod endpoint;

fn main() -> std::process::ExitCode {
    taskbell_http::run(utoipa_axum::routes!(endpoint::create_project))
}

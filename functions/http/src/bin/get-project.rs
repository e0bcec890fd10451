//! `GET /v1/projects/{id}`

#[path = "../projects/get.rs"]
mod endpoint;

fn main() -> std::process::ExitCode {
    taskbell_http::run(utoipa_axum::routes!(endpoint::get_project))
}

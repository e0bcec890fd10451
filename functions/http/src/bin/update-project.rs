//! `PATCH /v1/projects/{id}`

#[path = "../projects/update.rs"]
mod endpoint;

fn main() -> std::process::ExitCode {
    taskbell_http::run(utoipa_axum::routes!(endpoint::update_project))
}

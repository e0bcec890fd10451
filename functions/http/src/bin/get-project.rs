//! `GET /v1/projects/{id}`

use taskbell_http::projects;

fn main() -> std::process::ExitCode {
    taskbell_http::run(utoipa_axum::routes!(projects::get::get_project))
}

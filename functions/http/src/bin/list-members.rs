//! `GET /v1/projects/{id}/members`

use taskbell_http::projects;

fn main() -> std::process::ExitCode {
    taskbell_http::run(utoipa_axum::routes!(projects::members::list_members))
}

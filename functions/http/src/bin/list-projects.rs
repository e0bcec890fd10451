//! `GET /v1/projects`

use taskbell_http::projects;

fn main() -> std::process::ExitCode {
    taskbell_http::run(utoipa_axum::routes!(projects::list::list_projects))
}

//! `POST /v1/projects/{id}/restore`

use taskbell_http::projects;

fn main() -> std::process::ExitCode {
    taskbell_http::run(utoipa_axum::routes!(projects::restore::restore_project))
}

//! `PUT /v1/projects/{id}/members/{user_id}`

use taskbell_http::projects;

fn main() -> std::process::ExitCode {
    taskbell_http::run(utoipa_axum::routes!(projects::members::add_member))
}

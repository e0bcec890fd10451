//! `GET /v1/projects/{id}/members`

#[path = "../projects/list_members.rs"]
mod endpoint;

fn main() -> std::process::ExitCode {
    taskbell_http::run(utoipa_axum::routes!(endpoint::list_members))
}

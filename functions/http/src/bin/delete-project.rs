//! `DELETE /v1/projects/{id}`

#[path = "../projects/delete.rs"]
mod endpoint;

fn main() -> std::process::ExitCode {
    taskbell_http::run(utoipa_axum::routes!(endpoint::delete_project))
}

//! `DELETE /v1/tasks/{id}`

#[path = "../tasks/delete.rs"]
mod endpoint;

fn main() -> std::process::ExitCode {
    taskbell_http::run(utoipa_axum::routes!(endpoint::delete_task))
}

//! `DELETE /v1/comments/{id}`

#[path = "../comments/delete.rs"]
mod endpoint;

fn main() -> std::process::ExitCode {
    taskbell_http::run(utoipa_axum::routes!(endpoint::delete_comment))
}

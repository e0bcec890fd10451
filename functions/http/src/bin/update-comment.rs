//! `PATCH /v1/comments/{id}`

#[path = "../comments/update.rs"]
mod endpoint;

fn main() -> std::process::ExitCode {
    taskbell_http::run(utoipa_axum::routes!(endpoint::update_comment))
}

//! `PATCH /v1/comments/{id}`

use taskbell_http::comments;

fn main() -> std::process::ExitCode {
    taskbell_http::run(utoipa_axum::routes!(comments::update::update_comment))
}

//! `POST /v1/tasks/{id}/comments`

use taskbell_http::comments;

fn main() -> std::process::ExitCode {
    taskbell_http::run(utoipa_axum::routes!(comments::create::create_comment))
}

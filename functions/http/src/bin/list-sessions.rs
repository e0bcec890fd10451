//! `GET /v1/users/me/sessions`

use taskbell_http::users;

fn main() -> std::process::ExitCode {
    taskbell_http::run(utoipa_axum::routes!(users::sessions::list_sessions))
}

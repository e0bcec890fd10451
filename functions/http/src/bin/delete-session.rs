//! `DELETE /v1/users/me/sessions/{id}`

use taskbell_http::users;

fn main() -> std::process::ExitCode {
    taskbell_http::run(utoipa_axum::routes!(users::sessions::delete_session))
}

//! `PATCH /v1/users/{id}`

use taskbell_http::users;

fn main() -> std::process::ExitCode {
    taskbell_http::run(utoipa_axum::routes!(users::update::update_user))
}

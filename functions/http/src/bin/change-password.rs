//! `PUT /v1/users/me/password`

use taskbell_http::users;

fn main() -> std::process::ExitCode {
    taskbell_http::run(utoipa_axum::routes!(users::password::change_password))
}

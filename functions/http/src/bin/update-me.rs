//! `PATCH /v1/users/me`

use taskbell_http::users;

fn main() -> std::process::ExitCode {
    taskbell_http::run(utoipa_axum::routes!(users::me::update_me))
}

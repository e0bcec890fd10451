//! `PUT /v1/users/me/password`

#[path = "../users/password.rs"]
mod endpoint;

fn main() -> std::process::ExitCode {
    taskbell_http::run(utoipa_axum::routes!(endpoint::change_password))
}

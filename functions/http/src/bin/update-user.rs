//! `PATCH /v1/users/{id}`

#[path = "../users/update.rs"]
mod endpoint;

fn main() -> std::process::ExitCode {
    taskbell_http::run(utoipa_axum::routes!(endpoint::update_user))
}

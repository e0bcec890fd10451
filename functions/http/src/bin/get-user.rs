//! `GET /v1/users/{id}`

#[path = "../users/get.rs"]
mod endpoint;

fn main() -> std::process::ExitCode {
    taskbell_http::run(utoipa_axum::routes!(endpoint::get_user))
}

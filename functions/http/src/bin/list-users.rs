//! `GET /v1/users`

#[path = "../users/list.rs"]
mod endpoint;

fn main() -> std::process::ExitCode {
    taskbell_http::run(utoipa_axum::routes!(endpoint::list_users))
}

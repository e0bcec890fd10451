//! `GET /v1/users/me/sessions`

#[path = "../users/list_sessions.rs"]
mod endpoint;

fn main() -> std::process::ExitCode {
    taskbell_http::run(utoipa_axum::routes!(endpoint::list_sessions))
}

//! `GET /v1/notifications`

#[path = "../notifications/list.rs"]
mod endpoint;

fn main() -> std::process::ExitCode {
    taskbell_http::run(utoipa_axum::routes!(endpoint::list_notifications))
}

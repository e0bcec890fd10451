//! `POST /v1/notifications/read`

#[path = "../notifications/read.rs"]
mod endpoint;

fn main() -> std::process::ExitCode {
    taskbell_http::run(utoipa_axum::routes!(endpoint::read_notifications))
}

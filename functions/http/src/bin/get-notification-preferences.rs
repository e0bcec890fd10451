//! `GET /v1/notification-preferences`

#[path = "../notifications/get_preferences.rs"]
mod endpoint;

fn main() -> std::process::ExitCode {
    taskbell_http::run(utoipa_axum::routes!(endpoint::get_notification_preferences))
}

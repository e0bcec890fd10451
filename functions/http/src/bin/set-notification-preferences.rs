//! `PUT /v1/notification-preferences`

#[path = "../notifications/set_preferences.rs"]
mod endpoint;

fn main() -> std::process::ExitCode {
    taskbell_http::run(utoipa_axum::routes!(endpoint::set_notification_preferences))
}

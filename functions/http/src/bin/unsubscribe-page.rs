//! `GET /v1/unsubscribe`

#[path = "../notifications/unsubscribe_page.rs"]
mod endpoint;

fn main() -> std::process::ExitCode {
    taskbell_http::run(utoipa_axum::routes!(endpoint::unsubscribe_page))
}

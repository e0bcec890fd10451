//! `POST /v1/unsubscribe`

#[path = "../notifications/unsubscribe.rs"]
mod endpoint;

fn main() -> std::process::ExitCode {
    taskbell_http::run(utoipa_axum::routes!(endpoint::unsubscribe))
}

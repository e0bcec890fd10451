//! `GET /account/verify-email`

#[path = "../service/verify_email_page.rs"]
mod endpoint;

fn main() -> std::process::ExitCode {
    taskbell_http::run(utoipa_axum::routes!(endpoint::verify_email_page))
}

//! `GET /account/reset-password`

#[path = "../service/reset_password_page.rs"]
mod endpoint;

fn main() -> std::process::ExitCode {
    taskbell_http::run(utoipa_axum::routes!(endpoint::reset_password_page))
}

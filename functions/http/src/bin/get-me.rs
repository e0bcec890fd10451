//! `GET /v1/users/me`

#[path = "../users/get_me.rs"]
mod endpoint;

fn main() -> std::process::ExitCode {
    taskbell_http::run(utoipa_axum::routes!(endpoint::get_me))
}

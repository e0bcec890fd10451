//! `PATCH /v1/users/me`

#[path = "../users/update_me.rs"]
mod endpoint;

fn main() -> std::process::ExitCode {
    taskbell_http::run(utoipa_axum::routes!(endpoint::update_me))
}

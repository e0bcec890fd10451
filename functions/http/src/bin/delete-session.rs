//! `DELETE /v1/users/me/sessions/{id}`

#[path = "../users/delete_session.rs"]
mod endpoint;

fn main() -> std::process::ExitCode {
    taskbell_http::run(utoipa_axum::routes!(endpoint::delete_session))
}

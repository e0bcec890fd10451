//! `DELETE /v1/projects/{id}/members/{user_id}`

#[path = "../projects/remove_member.rs"]
mod endpoint;

fn main() -> std::process::ExitCode {
    taskbell_http::run(utoipa_axum::routes!(endpoint::remove_member))
}

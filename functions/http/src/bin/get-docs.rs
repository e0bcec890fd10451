//! `GET /docs`

#[path = "../service/docs.rs"]
mod endpoint;

fn main() -> std::process::ExitCode {
    taskbell_http::run(utoipa_axum::routes!(endpoint::get_docs))
}

//! `POST /v1/realtime/tickets`

#[path = "../realtime/tickets.rs"]
mod endpoint;

fn main() -> std::process::ExitCode {
    taskbell_http::run(utoipa_axum::routes!(endpoint::create_realtime_ticket))
}

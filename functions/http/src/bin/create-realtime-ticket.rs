//! `POST /v1/realtime/tickets`

use taskbell_http::realtime;

fn main() -> std::process::ExitCode {
    taskbell_http::run(utoipa_axum::routes!(realtime::tickets::create_realtime_ticket))
}

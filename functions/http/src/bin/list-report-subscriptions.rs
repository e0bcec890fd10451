//! `GET /v1/report-subscriptions`

#[path = "../report_subscriptions/list.rs"]
mod endpoint;

fn main() -> std::process::ExitCode {
    taskbell_http::run(utoipa_axum::routes!(endpoint::list_report_subscriptions))
}

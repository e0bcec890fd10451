//! `POST /v1/report-subscriptions`

#[path = "../report_subscriptions/create.rs"]
mod endpoint;

fn main() -> std::process::ExitCode {
    taskbell_http::run(utoipa_axum::routes!(endpoint::create_report_subscription))
}

//! `DELETE /v1/report-subscriptions/{id}`

#[path = "../report_subscriptions/delete.rs"]
mod endpoint;

fn main() -> std::process::ExitCode {
    taskbell_http::run(utoipa_axum::routes!(endpoint::delete_report_subscription))
}

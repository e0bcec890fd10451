//! Every five minutes

use taskbell_schedule::order_reports::OrderReports;

fn main() -> std::process::ExitCode {
    shared::function::serve(OrderReports::from_env, OrderReports::handle)
}

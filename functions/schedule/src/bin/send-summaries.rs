//! Every minute

use taskbell_schedule::send_summaries::SendSummaries;

fn main() -> std::process::ExitCode {
    shared::function::serve(SendSummaries::from_env, SendSummaries::handle)
}

//! Consumer of the queue `reports`

use taskbell_queue::make_report::MakeReport;

fn main() -> std::process::ExitCode {
    shared::function::serve(MakeReport::from_env, MakeReport::handle)
}

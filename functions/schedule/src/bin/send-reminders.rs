//! Every minute

use taskbell_schedule::send_reminders::SendReminders;

fn main() -> std::process::ExitCode {
    shared::function::serve(SendReminders::from_env, SendReminders::handle)
}

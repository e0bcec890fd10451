//! Consumer of the queue `emails`

use taskbell_queue::send_email::SendEmail;

fn main() -> std::process::ExitCode {
    shared::function::serve(SendEmail::from_env, SendEmail::handle)
}

//! Consumer of the queue `events`

use taskbell_queue::notify::Notify;

fn main() -> std::process::ExitCode {
    shared::function::serve(Notify::from_env, Notify::handle)
}

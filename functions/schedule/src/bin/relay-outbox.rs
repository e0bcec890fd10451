//! Every minute

use taskbell_schedule::relay_outbox::RelayOutbox;

fn main() -> std::process::ExitCode {
    shared::function::serve(RelayOutbox::from_env, RelayOutbox::handle)
}

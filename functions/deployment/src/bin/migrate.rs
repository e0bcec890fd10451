//! Invoked once after each deployment

use taskbell_deployment::migrate::Migrate;

fn main() -> std::process::ExitCode {
    shared::function::serve(Migrate::from_env, Migrate::handle)
}

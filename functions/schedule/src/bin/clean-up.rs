//! Every night

use taskbell_schedule::clean_up::CleanUp;

fn main() -> std::process::ExitCode {
    shared::function::serve(CleanUp::from_env, CleanUp::handle)
}

//! `$disconnect`

use shared::cache::Cache;
use taskbell_websocket::disconnect;

fn main() -> std::process::ExitCode {
    taskbell_websocket::run("ws-disconnect", Cache::from_env, disconnect::handle)
}

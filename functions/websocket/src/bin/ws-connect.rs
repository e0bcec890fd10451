//! `$connect`

use shared::cache::Cache;
use taskbell_websocket::connect;

fn main() -> std::process::ExitCode {
    taskbell_websocket::run("ws-connect", Cache::from_env, connect::handle)
}

//! `$default`

use shared::realtime::Gateway;
use taskbell_websocket::default;

fn main() -> std::process::ExitCode {
    taskbell_websocket::run("ws-default", Gateway::from_env, default::handle)
}

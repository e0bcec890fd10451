//! `ping`

use shared::realtime::Gateway;
use taskbell_websocket::ping;

fn main() -> std::process::ExitCode {
    taskbell_websocket::run("ws-ping", Gateway::from_env, ping::handle)
}

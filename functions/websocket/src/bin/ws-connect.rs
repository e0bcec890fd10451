//! `$connect`

use taskbell_websocket::connect;

fn main() -> std::process::ExitCode {
    taskbell_websocket::run("ws-connect", connect::ConnectState::from_env, connect::handle)
}

//! `send`

use taskbell_websocket::send;

fn main() -> std::process::ExitCode {
    taskbell_websocket::serve("ws-send", send::handle)
}

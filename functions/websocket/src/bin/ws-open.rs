//! `open`

use taskbell_websocket::open;

fn main() -> std::process::ExitCode {
    taskbell_websocket::serve("ws-open", &[], open::handle)
}

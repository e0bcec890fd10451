//! `read`

use taskbell_websocket::read;

fn main() -> std::process::ExitCode {
    taskbell_websocket::serve("ws-read", &[], read::handle)
}

//! `close`

use taskbell_websocket::close;

fn main() -> std::process::ExitCode {
    taskbell_websocket::serve("ws-close", &[], close::handle)
}

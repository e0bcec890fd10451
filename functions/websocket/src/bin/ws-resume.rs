//! `resume`

use taskbell_websocket::resume;

fn main() -> std::process::ExitCode {
    taskbell_websocket::serve("ws-resume", &[], resume::handle)
}

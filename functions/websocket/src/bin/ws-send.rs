//! `send`

use shared::db::outbox::Topic;
use taskbell_websocket::send;

fn main() -> std::process::ExitCode {
    taskbell_websocket::serve("ws-send", &[Topic::Events], send::handle)
}

//! `{"action": "ping"}`

use std::sync::Arc;

use serde_json::json;
use shared::realtime::Gateway;

use crate::{Event, Reply};

/// Sends `{"type": "pong"}`.
pub async fn handle(gateway: Arc<Gateway>, event: Event) -> anyhow::Result<Reply> {
    event.reply(&gateway, json!({ "type": "pong" })).await
}

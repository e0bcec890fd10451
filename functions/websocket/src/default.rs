//! `$default`: what fits no other route.

use std::sync::Arc;

use serde_json::json;
use shared::realtime::Gateway;

use crate::{Event, Reply};

/// Says what is accepted.
pub async fn handle(gateway: Arc<Gateway>, event: Event) -> anyhow::Result<Reply> {
    let detail = "Send a JSON object whose action is ping.";
    event.reply(&gateway, json!({ "type": "error", "status": 400, "detail": detail })).await
}

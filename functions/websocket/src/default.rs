//! `$default`: messages that match no other route.

use std::sync::Arc;

use serde_json::json;
use shared::realtime::Gateway;

use crate::{Event, Reply};

/// The text that lists all messages.
const ACCEPTED: &str = r#"Send one of {"action":"resume","since":<seq>}, {"action":"read","seq":<seq>}, {"action":"send","task_id":"…","body":"…"}, {"action":"open","project_id":"…"}, {"action":"close","project_id":"…"} and {"action":"ping"}; a "ref" is repeated in the response."#;

/// Sends an error that lists all messages.
pub async fn handle(gateway: Arc<Gateway>, event: Event) -> anyhow::Result<Reply> {
    event.reply(&gateway, json!({ "type": "error", "status": 400, "detail": ACCEPTED })).await
}

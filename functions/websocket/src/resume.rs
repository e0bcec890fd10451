//! `{"action": "resume", "since": <seq>}`

use std::sync::Arc;

use serde::Deserialize;
use serde_json::{Value, json};
use shared::{
    Result,
    db::{
        inboxes::{self, Filter},
        page::PageRequest,
    },
    realtime::notification_frame,
};

use crate::{MessageState, Sender};

/// The maximum number of notifications that are sent for one message.
const LIMIT: u8 = 200;

/// The message that requests missed notifications: those after `since`, the last `seq` that the client received.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Resume {
    since: u32,
}

/// Sends the notifications after `since` in order, and then `resumed`. If `resumed` contains `"more": true`, there are
/// more notifications after its `last_seq`.
pub async fn handle(state: Arc<MessageState>, sender: Sender, resume: Resume) -> Result<Value> {
    let mut conn = state.db.connection().await?;
    let page = PageRequest { limit: LIMIT, cursor: None };
    // The state is read before the list, so that every notification up to `last_seq` is sent before `resumed`.
    let inbox = inboxes::state(&mut conn, sender.caller.id).await?;
    let missed = inboxes::list_since(&mut conn, &sender.caller, Filter::default(), resume.since.into(), &page).await?;
    drop(conn);
    for notification in &missed.items {
        if !state.gateway.send(&sender.connection_id, &notification_frame(notification)).await? {
            break; // It is gone.
        }
    }
    let mut resumed = json!({ "type": "resumed", "last_seq": inbox.last_seq, "unread_count": inbox.unread_count });
    if let (Some(_), Some(last)) = (&missed.next_cursor, missed.items.last()) {
        (resumed["last_seq"], resumed["more"]) = (json!(last.seq), json!(true));
    }
    Ok(resumed)
}

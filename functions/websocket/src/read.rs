//! `{"action": "read", "seq": <seq>}`

use std::sync::Arc;

use serde::Deserialize;
use serde_json::{Value, json};
use shared::{
    Result,
    db::inboxes,
    realtime::{self, Address, inbox_frame},
};

use crate::{MessageState, Sender};

/// The message that marks notifications as read, up to and including `seq`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Read {
    seq: u32,
}

/// Marks all notifications up to `seq` as read, and sends the number of unread ones to all connections of the person:
/// to the others also which were read.
pub async fn handle(state: Arc<MessageState>, sender: Sender, read: Read) -> Result<Value> {
    let mut tx = state.db.begin().await?;
    let marked = inboxes::mark_read(&mut tx, sender.caller.id, Some(read.seq.into()), &[]).await?;
    tx.commit(&state.queues).await?;
    let frame = json!({ "type": "read", "seq": read.seq, "unread_count": marked.unread_count });
    let changed = inbox_frame(&marked.ids, marked.unread_count);
    let (user_id, own) = (sender.caller.id, sender.connection_id);
    let mut all = realtime::of_users(&state.cache, &[user_id]).await?.remove(&user_id).unwrap_or_default();
    all.retain(|connection| *connection != own);
    let frames = [Some(&frame), Some(&changed).filter(|_| marked.is_change)];
    let to = |connection_id: String| {
        let address = Address { connection_id, user_id };
        frames.into_iter().flatten().map(move |frame| (address.clone(), frame.to_string()))
    };
    let others = all.into_iter().flat_map(to);
    state.gateway.push(&state.cache, others.collect()).await;
    Ok(frame)
}

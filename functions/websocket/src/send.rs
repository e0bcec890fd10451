//! `{"action": "send", "task_id": "…", "body": "…"}`

use std::sync::Arc;

use serde::Deserialize;
use serde_json::Value;
use shared::{
    Result,
    db::{
        comments, locks,
        tasks::{self, TaskRef},
    },
    domain::{access::Discuss, comment::check_body},
    realtime::comment_frame,
};

use crate::{MessageState, Sender};

/// The message that creates a comment.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Send {
    /// The id or the key of the task.
    task_id: String,
    body: String,
}

/// Creates a comment on a task, and returns it. Fails if the person may not see the task.
pub async fn handle(state: Arc<MessageState>, sender: Sender, send: Send) -> Result<Value> {
    let task: TaskRef = send.task_id.parse()?;
    check_body(&send.body)?;
    let comment = locks::retrying(|| async {
        let mut tx = state.db.begin().await?;
        let task = tasks::lock(&mut tx, &sender.caller, &task, Discuss).await?;
        let comment = comments::create(&mut tx, &task, &send.body).await?;
        tx.commit(&state.queues).await?;
        Ok(comment)
    })
    .await?;
    Ok(comment_frame(&comment))
}

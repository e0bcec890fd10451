//! `{"action": "close", "project_id": "…"}`

use std::sync::Arc;

use serde::Deserialize;
use serde_json::{Value, json};
use shared::{Result, realtime};
use uuid::Uuid;

use crate::{MessageState, Sender};

/// The message that closes a project.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Close {
    project_id: Uuid,
}

/// Unsubscribes the connection from the changes of a project. Does nothing if the project is not open.
pub async fn handle(state: Arc<MessageState>, sender: Sender, close: Close) -> Result<Value> {
    realtime::close_project(&state.cache, &sender.connection_id, close.project_id).await?;
    Ok(json!({ "type": "closed", "project_id": close.project_id }))
}

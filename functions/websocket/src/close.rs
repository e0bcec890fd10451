//! `{"action": "close", "project_id": "…"}`

use std::sync::Arc;

use serde::Deserialize;
use serde_json::{Value, json};
use shared::{Result, realtime};
use uuid::Uuid;

use crate::{MessageState, Sender};

/// A project that the client no longer shows.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Close {
    project_id: Uuid,
}

/// The connection hears no more of the project. Doing it again changes nothing.
pub async fn handle(state: Arc<MessageState>, sender: Sender, close: Close) -> Result<Value> {
    realtime::close_project(&state.cache, &sender.connection_id, close.project_id).await?;
    Ok(json!({ "type": "closed", "project_id": close.project_id }))
}

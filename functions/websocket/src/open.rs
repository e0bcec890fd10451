//! `{"action": "open", "project_id": "…"}`

use std::sync::Arc;

use serde::Deserialize;
use serde_json::{Value, json};
use shared::{Code, Error, Result, db::projects, domain::project::Trash, realtime};
use uuid::Uuid;

use crate::{MessageState, Sender};

/// The message that opens a project.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Open {
    project_id: Uuid,
}

/// Subscribes the connection to all changes of tasks and comments in a project. Fails if the person may not see the
/// project, or if the connection has too many projects open.
pub async fn handle(state: Arc<MessageState>, sender: Sender, open: Open) -> Result<Value> {
    projects::find(&mut *state.db.connection().await?, &sender.caller, open.project_id, Trash::Excluded).await?;
    if !realtime::open_project(&state.cache, &sender.connection_id, open.project_id).await? {
        let most = realtime::MAX_OPEN_PROJECTS;
        return Err(Error::conflict(
            Code::TooManyOpenProjects,
            format!("A connection may have {most} projects open: close one first."),
        ));
    }
    Ok(json!({ "type": "opened", "project_id": open.project_id }))
}

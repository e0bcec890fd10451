//! `{"action": "open", "project_id": "…"}`

use std::sync::Arc;

use serde::Deserialize;
use serde_json::{Value, json};
use shared::{
    Code, Error, Result,
    db::{feed, projects},
    domain::project::Trash,
    realtime::{self, feed_frame},
};
use uuid::Uuid;

use crate::{MessageState, Sender};

/// The message that opens a project.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Open {
    project_id: Uuid,
    /// The last change that the client knows.
    since: Option<u32>,
}

/// Subscribes the connection to all changes of a project. With `since`, first sends the changes after it, in order; if
/// `opened` contains `"more": true`, there are more after its `last`.
///
/// Fails if the person may not see the project, if the connection has too many projects open, or if changes after
/// `since` are no longer kept.
pub async fn handle(state: Arc<MessageState>, sender: Sender, open: Open) -> Result<Value> {
    let (project_id, reader) = (open.project_id, sender.caller.id);
    let mut conn = state.db.connection().await?;
    projects::find(&mut conn, &sender.caller, project_id, Trash::Excluded).await?;
    if let Some(since) = open.since {
        feed::check_since(&mut conn, project_id, since.into()).await?;
    }
    if !realtime::open_project(&state.cache, &sender.connection_id, project_id).await? {
        let most = realtime::MAX_OPEN_PROJECTS;
        return Err(Error::conflict(
            Code::TooManyOpenProjects,
            format!("A connection may have {most} projects open: close one first."),
        ));
    }
    // The changes are read after the subscription, so that each is either read or pushed.
    let mut opened = json!({ "type": "opened", "project_id": project_id });
    let Some(since) = open.since else {
        opened["last"] = json!(feed::last(&mut conn, project_id).await?);
        return Ok(opened);
    };
    let missed = feed::list(&mut conn, reader, project_id, since.into()).await?;
    drop(conn);
    for item in &missed.items {
        if !state.gateway.send(&sender.connection_id, &feed_frame(project_id, item)).await? {
            break; // It is gone.
        }
    }
    opened["last"] = json!(missed.items.last().map_or(missed.last, |item| item.n));
    if missed.more {
        opened["more"] = json!(true);
    }
    Ok(opened)
}

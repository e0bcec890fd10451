//! Pushes changes of tasks to the connections that have their project open.

use std::collections::HashMap;

use serde_json::{Value, json};
use shared::{
    db::{PgConnection, notifications, tasks, watchers},
    domain::{activity::ActivityKind, event::Event, task::Task},
    realtime::{self, Address, Connection, Pushed, comment_frame, left_frame, task_frame},
};
use uuid::Uuid;

use super::{Notify, TaskChange};

/// The number of tasks whose frames are created at once.
const FRAMES: usize = 50;
/// The maximum number of tasks that have frames when their project is moved to the trash or restored: as many as the
/// largest tree has.
const MAX_SEVERAL: usize = 500;

impl Notify {
    /// Pushes a change of several tasks to the viewers of their project: a frame for each task, as if it had changed
    /// alone.
    pub(super) async fn push_several(&self, conn: &mut PgConnection, several: &Several<'_>) -> shared::Result<Pushed> {
        let mut pushed = Pushed::default();
        let mut viewers = self.viewers(conn, several.project_id, None).await?;
        viewers.retain(|(one, _)| several.private_to.is_none_or(|owner| owner == one.peer.user_id));
        let leaving = match several.left {
            Some(project_id) => self.viewers(conn, project_id, None).await?,
            None => Vec::new(),
        };
        if viewers.is_empty() && leaving.is_empty() {
            return Ok(pushed);
        }
        let people: Vec<Uuid> = viewers.iter().map(|(connection, _)| connection.peer.user_id).collect();
        for ids in several.task_ids.chunks(FRAMES) {
            let mut tasks = tasks::find_all(conn, ids).await?;
            tasks.retain(|task| task.project_id == several.project_id);
            let watching = watchers::among(conn, ids, &people).await?;
            let mut messages = Vec::new();
            for (task, (connection, _)) in
                tasks.iter().flat_map(|task| viewers.iter().map(move |viewer| (task, viewer)))
            {
                let watching = watching.contains(&(task.id, connection.peer.user_id));
                let frame = task_frame(several.kind.as_str(), &Task { watching, ..task.clone() });
                messages.push(message(connection.clone(), &frame));
            }
            if let Some(project_id) = several.left {
                for (id, (connection, _)) in ids.iter().flat_map(|id| leaving.iter().map(move |viewer| (id, viewer))) {
                    messages.push(message(connection.clone(), &left_frame(*id, project_id)));
                }
            }
            pushed += self.gateway.push(&self.cache, messages).await;
        }
        Ok(pushed)
    }

    /// Returns the frames that show a change of a task to the viewers of its project.
    pub(super) async fn live(
        &self,
        conn: &mut PgConnection,
        change: &TaskChange<'_>,
    ) -> shared::Result<Vec<(Address, String)>> {
        let (task, kind) = (&change.task, change.event.kind);
        let mut messages = Vec::new();
        let viewers = self.viewers(conn, task.project_id, Some(task.id)).await?;
        for (connection, watching) in viewers.into_iter().filter(|(one, _)| change.is_visible_to(one.peer.user_id)) {
            let frame = if let Some(id) = change.event.comment_id {
                let Some(comment) = current_comment(change, id) else { continue };
                comment_frame(kind.as_str(), &comment)
            } else {
                task_frame(kind.as_str(), &Task { watching, ..task.clone() })
            };
            messages.push(message(connection, &frame));
        }
        if let Some(project_id) = change.left_project() {
            let frame = left_frame(task.id, project_id);
            let viewers = self.viewers(conn, project_id, None).await?;
            messages.extend(viewers.into_iter().map(|(connection, _)| message(connection, &frame)));
        }
        Ok(messages)
    }

    /// Returns the connections that have a project open and whose people may see it, and whether each watches the task.
    async fn viewers(
        &self,
        conn: &mut PgConnection,
        project_id: Uuid,
        task_id: Option<Uuid>,
    ) -> shared::Result<Vec<(Connection, bool)>> {
        let connections = realtime::viewers(&self.cache, project_id).await?;
        if connections.is_empty() {
            return Ok(Vec::new());
        }
        let ids: Vec<Uuid> = connections.iter().map(|connection| connection.peer.user_id).collect();
        let people = notifications::people(conn, project_id, task_id, &ids).await?;
        let watching: HashMap<Uuid, bool> = people.into_iter().map(|person| (person.id, person.watches)).collect();
        let viewer = |connection: Connection| {
            let watching = *watching.get(&connection.peer.user_id)?;
            Some((connection, watching))
        };
        Ok(connections.into_iter().filter_map(viewer).collect())
    }
}

/// A change of several tasks, besides the one that an event is about.
pub(super) struct Several<'a> {
    kind: ActivityKind,
    project_id: Uuid,
    /// The project that they left.
    left: Option<Uuid>,
    task_ids: &'a [Uuid],
    /// The only person who may see the change, if it was in their Inbox.
    private_to: Option<Uuid>,
}

impl<'a> Several<'a> {
    pub(super) fn of(event: &'a Event, change: Option<&TaskChange<'_>>) -> Option<Self> {
        let several = match (event, change) {
            (Event::Task(event), Some(change)) => Self {
                kind: event.kind,
                project_id: change.task.project_id,
                left: change.left_project(),
                task_ids: &event.parts,
                private_to: change.entry.private_to,
            },
            (Event::Project { kind, project_id, task_ids, .. }, _) => Self {
                kind: *kind,
                project_id: *project_id,
                left: None,
                task_ids: &task_ids[..task_ids.len().min(MAX_SEVERAL)],
                private_to: None,
            },
            _ => return None,
        };
        Some(several).filter(|several| !several.task_ids.is_empty())
    }
}

/// Returns the comment that an event is about, or its ids if the event is its deletion. `None` if it was deleted since:
/// that is another event.
fn current_comment(change: &TaskChange<'_>, id: Uuid) -> Option<Value> {
    match &change.comment {
        Some(comment) => Some(json!(comment)),
        None if change.event.kind == ActivityKind::CommentDeleted => {
            Some(json!({ "id": id, "task_id": change.task.id }))
        }
        None => None,
    }
}

fn message(connection: Connection, frame: &Value) -> (Address, String) {
    (Address { connection_id: connection.id, user_id: connection.peer.user_id }, frame.to_string())
}

//! Onto the WebSockets.

use std::collections::HashMap;

use serde_json::{Value, json};
use shared::{
    db::{
        PgConnection,
        notifications::{self, Notified},
        outbox, sessions, tasks, watchers,
    },
    domain::{
        event::Event,
        task::{ActivityKind, Task},
    },
    realtime::{self, Address, Connection, Pushed, comment_frame, left_frame, notification_frame, task_frame},
};
use uuid::Uuid;

use super::{Happened, Notify, quiet_until};

/// Of how many tasks the frames are made at once.
const FRAMES: usize = 50;
/// Of how many tasks of a project that goes into the trash, or comes out of it, there are frames: as many as of the largest tree.
const MAX_SEVERAL: usize = 500;
/// How much of what quiet hours held back is pushed. Who missed more resumes.
const MAX_HELD: i64 = 500;

impl Notify {
    /// Pushes the notifications of an event to the people they are for, and what happened to those who look at the project.
    pub(super) async fn push(
        &self,
        conn: &mut PgConnection,
        event_id: Uuid,
        event: &Event,
        happened: Option<&Happened<'_>>,
    ) -> anyhow::Result<Pushed> {
        let notified = notifications::pushed_of_event(conn, event_id).await?;
        // Without the cache nobody knows who is connected; they see it when they resume.
        let mut messages = self.addressed(&notified).await.unwrap_or_else(|error| skipped(&error));
        if let Some(happened) = happened {
            messages.extend(self.live(conn, happened).await.or_else(|error| match error {
                shared::Error::Unavailable(_) => Ok(skipped(&error)),
                error => Err(error),
            })?);
        }
        let mut pushed = self.gateway.push(&self.cache, messages).await;
        if let Some(several) = Several::of(event, happened) {
            pushed += self.push_several(conn, &several).await.or_else(|error| match error {
                shared::Error::Unavailable(_) => {
                    skipped(&error);
                    Ok(Pushed::default())
                }
                error => Err(error),
            })?;
        }
        Ok(pushed)
    }

    /// Pushes what happened to several tasks at once to those who look at the project: a frame for each task, as if it had happened
    /// to it alone.
    async fn push_several(&self, conn: &mut PgConnection, several: &Several<'_>) -> shared::Result<Pushed> {
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

    /// Takes what quiet hours held back from somebody, to be pushed after the commit; waits on, if they have quiet hours again. The
    /// inbox is not locked during the push: if that fails, the person sees it when they resume.
    pub(super) async fn release(conn: &mut PgConnection, user_id: Uuid) -> anyhow::Result<Vec<Notified>> {
        if let Some(until) = notifications::person(conn, user_id).await?.as_ref().and_then(quiet_until) {
            outbox::schedule_event(conn, &Event::QuietHoursOver { user_id }, until).await?;
            return Ok(Vec::new());
        }
        // What is being held back at this moment is waited for, or nothing would push it.
        notifications::lock(conn, user_id).await?;
        let held = notifications::held(conn, user_id, MAX_HELD).await?;
        notifications::release(conn, user_id).await?;
        Ok(held)
    }

    /// Pushes notifications to the people they are for.
    pub(super) async fn push_all(&self, notified: &[Notified]) -> Pushed {
        let messages = self.addressed(notified).await.unwrap_or_else(|error| skipped(&error));
        self.gateway.push(&self.cache, messages).await
    }

    /// Closes the connections of somebody whose sessions ended.
    pub(super) async fn close_connections(&self, conn: &mut PgConnection, user_id: Uuid) -> anyhow::Result<Pushed> {
        let connections = realtime::of_user(&self.cache, user_id).await?;
        let session_ids: Vec<Uuid> = connections.iter().map(|connection| connection.peer.session_id).collect();
        let alive = sessions::alive(conn, user_id, &session_ids).await?;
        let mut closed = Pushed::default();
        for connection in connections.into_iter().filter(|one| !alive.contains(&one.peer.session_id)) {
            self.gateway.close(&connection.id).await?;
            realtime::disconnect(&self.cache, &connection.id).await?;
            closed.gone += 1;
        }
        Ok(closed)
    }

    /// Each notification, to each connection of its person.
    async fn addressed(&self, notified: &[Notified]) -> shared::Result<Vec<(Address, String)>> {
        let mut ids: Vec<Uuid> = notified.iter().map(|one| one.user_id).collect();
        ids.dedup();
        let connections = realtime::of_users(&self.cache, &ids).await?;
        let mut messages = Vec::new();
        for one in notified {
            let Some(connections) = connections.get(&one.user_id) else { continue };
            let frame = notification_frame(&one.notification).to_string();
            let to = |id: &String| Address { connection_id: id.clone(), user_id: one.user_id };
            messages.extend(connections.iter().map(|id| (to(id), frame.clone())));
        }
        Ok(messages)
    }

    /// What happened to a task, to those who have its project open and may see it.
    async fn live(&self, conn: &mut PgConnection, happened: &Happened<'_>) -> shared::Result<Vec<(Address, String)>> {
        let (task, kind) = (&happened.task, happened.event.kind);
        let mut messages = Vec::new();
        let viewers = self.viewers(conn, task.project_id, Some(task.id)).await?;
        for (connection, watching) in viewers.into_iter().filter(|(one, _)| happened.is_for(one.peer.user_id)) {
            let frame = if let Some(id) = happened.event.comment_id {
                let Some(comment) = comment_now(happened, id) else { continue };
                comment_frame(kind.as_str(), &comment)
            } else {
                task_frame(kind.as_str(), &Task { watching, ..task.clone() })
            };
            messages.push(message(connection, &frame));
        }
        if let Some(project_id) = happened.left_project() {
            let frame = left_frame(task.id, project_id);
            let viewers = self.viewers(conn, project_id, None).await?;
            messages.extend(viewers.into_iter().map(|(connection, _)| message(connection, &frame)));
        }
        Ok(messages)
    }

    /// The connections that have a project open whose people may see it, and whether each watches the task.
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

/// What happened to several tasks at once, besides the one that an event is about.
struct Several<'a> {
    kind: ActivityKind,
    project_id: Uuid,
    /// The project that they left.
    left: Option<Uuid>,
    task_ids: &'a [Uuid],
    /// The only person who is told, if it was in their Inbox.
    private_to: Option<Uuid>,
}

impl<'a> Several<'a> {
    fn of(event: &'a Event, happened: Option<&Happened<'_>>) -> Option<Self> {
        let several = match (event, happened) {
            (Event::Task(event), Some(happened)) => Self {
                kind: event.kind,
                project_id: happened.task.project_id,
                left: happened.left_project(),
                task_ids: &event.parts,
                private_to: happened.entry.private_to,
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

/// The comment that an event is about; of one that is gone, that it is. Nothing to tell if it was deleted meanwhile: that comes, too.
fn comment_now(happened: &Happened<'_>, id: Uuid) -> Option<Value> {
    match &happened.comment {
        Some(comment) => Some(json!(comment)),
        None if happened.event.kind == ActivityKind::CommentDeleted => {
            Some(json!({ "id": id, "task_id": happened.task.id }))
        }
        None => None,
    }
}

fn message(connection: Connection, frame: &Value) -> (Address, String) {
    (Address { connection_id: connection.id, user_id: connection.peer.user_id }, frame.to_string())
}

fn skipped(error: &shared::Error) -> Vec<(Address, String)> {
    tracing::warn!(error = error.cause(), "pushes are skipped");
    Vec::new()
}

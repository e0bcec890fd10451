//! Writes the changes of projects, numbered without gaps in the order of their commits.
//!
//! A change counts `projects.change_counter` in the statement that writes its history. The row of the project is locked
//! from there until the commit, so the next change gets its number after this one is visible. Whoever counts holds the
//! project already, at least shared (see [`locks`](super::locks)), or creates a task and locks nothing else.

use sqlx::PgConnection;
use uuid::Uuid;

use super::{Tx, outbox};
use crate::{
    Result,
    domain::{
        event::Event,
        feed::{FeedEvent, FeedRef},
        task::MAX_TREE,
    },
};

/// Adds a change of a project that is not in the history of a single task, and the event that pushes it. A change of
/// more tasks than a tree has is several changes.
///
/// The project must be held alone.
pub(super) async fn add(
    tx: &mut Tx,
    project_id: Uuid,
    actor_id: Uuid,
    event: FeedEvent,
    task_ids: &[Uuid],
) -> Result<()> {
    let most = usize::try_from(MAX_TREE).unwrap_or(usize::MAX);
    let mut feed = Vec::new();
    if task_ids.is_empty() {
        feed.push(write(tx, project_id, actor_id, event, None, None).await?);
    }
    for ids in task_ids.chunks(most) {
        feed.push(write(tx, project_id, actor_id, event, None, Some(ids)).await?);
    }
    outbox::add_event(tx, &Event::ProjectChanged { feed }).await
}

/// Adds a change of one task that is not in its history, and the event that pushes it. The project must be held alone.
pub(super) async fn add_of_task(
    tx: &mut Tx,
    project_id: Uuid,
    actor_id: Uuid,
    event: FeedEvent,
    task_id: Uuid,
) -> Result<()> {
    let change = write(tx, project_id, actor_id, event, Some(task_id), None).await?;
    outbox::add_event(tx, &Event::ProjectChanged { feed: vec![change] }).await
}

/// Adds the change of a project that a task leaves, alone or with its subtasks. The task is the first of `task_ids`.
pub(super) async fn add_moved_out(
    conn: &mut PgConnection,
    project_id: Uuid,
    actor_id: Uuid,
    task_ids: &[Uuid],
) -> Result<FeedRef> {
    let (task_id, ids) = match task_ids {
        [task_id] => (Some(*task_id), None),
        ids => (None, Some(ids)),
    };
    write(conn, project_id, actor_id, FeedEvent::MovedOut, task_id, ids).await
}

async fn write(
    conn: &mut PgConnection,
    project_id: Uuid,
    actor_id: Uuid,
    event: FeedEvent,
    task_id: Option<Uuid>,
    task_ids: Option<&[Uuid]>,
) -> Result<FeedRef> {
    let n = sqlx::query_scalar!(
        "WITH place AS (UPDATE projects SET change_counter = change_counter + 1 WHERE id = $1 RETURNING id, change_counter)
         INSERT INTO project_changes (project_id, n, event, actor_id, task_id, task_ids)
         SELECT id, change_counter, $2, $3, $4, $5 FROM place RETURNING n",
        project_id,
        event.as_str(),
        actor_id,
        task_id,
        task_ids,
    )
    .fetch_one(conn)
    .await?;
    Ok(FeedRef { project_id, n })
}

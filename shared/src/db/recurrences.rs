//! Recurring tasks.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

use super::{
    Tx, mutes,
    tasks::{self, task_columns},
    trees, watchers,
};
use crate::{
    Code, Error, Result,
    domain::{
        Caller,
        new_task::NewTask,
        recurrence::{Occurrence, Recurrence},
        task::Task,
    },
};

/// The most subtasks of an occurrence.
const MAX_PARTS: usize = 200;

/// Resets the series of a task: its next due date begins another.
pub async fn reset_series(conn: &mut PgConnection, task_id: Uuid) -> Result<()> {
    sqlx::query!("DELETE FROM occurrences WHERE task_id = $1", task_id).execute(conn).await?;
    Ok(())
}

/// Creates the next occurrence of a task that `caller` completed in this transaction, if there is one. It gets the
/// recurrence, which must have been taken from the completed task already, the watchers, and the subtasks.
///
/// Subtasks that recur by themselves, or are occurrences of one that does, are left out. Fails with a conflict if
/// there are too many subtasks, or if the tree of the task would exceed its limits.
pub async fn create_next_occurrence(tx: &mut Tx, caller: &Caller, done: &Task, recurrence: &Recurrence) -> Result<()> {
    let (Some(due_at), Some(completed_at)) = (done.due_at, done.completed_at) else { return Ok(()) };
    let this = find(tx, done.id).await?.unwrap_or_else(|| Occurrence::first(due_at));
    let Some(next) = recurrence.next(&this, due_at, completed_at) else { return Ok(()) };
    let parts = parts(tx, done.id).await?;
    if parts.len() > MAX_PARTS {
        return Err(Error::conflict(
            Code::TooManySubtasks,
            format!("A task with more than {MAX_PARTS} subtasks cannot recur: clear its recurrence to complete it."),
        ));
    }
    let assignable = assignable(tx, done, &parts).await?;
    let still = |assignee: Option<Uuid>| assignee.filter(|id| assignable.contains(id));
    let again = NewTask {
        due_at: Some(next.scheduled_at),
        recurrence: Some(recurrence.clone()),
        assignee_id: still(done.assignee_id),
        ..done.to_new_task()
    };
    let again = add(tx, caller, done, again).await?;
    place(tx, done.id, &this).await?;
    place(tx, again.id, &next).await?;
    let mut ids = HashMap::from([(done.id, again.id)]);
    let shift = |time: DateTime<Utc>| recurrence.shift(time, this.scheduled_at, next.scheduled_at);
    for part in parts {
        let parent_id = part.parent_id.and_then(|parent_id| ids.get(&parent_id).copied());
        let copy = NewTask {
            parent_id,
            due_at: part.due_at.map(shift),
            assignee_id: still(part.assignee_id),
            ..part.to_new_task()
        };
        let copy = add(tx, caller, &part, copy).await?;
        ids.insert(part.id, copy.id);
    }
    if let Some(parent_id) = again.parent_id
        && trees::find_invalid_parent(tx, &again, parent_id, true).await?.is_some()
    {
        return Err(Error::conflict(
            Code::TooManySubtasks,
            "Its tree has no room for the next occurrence: detach the task, or clear its recurrence, to complete it.",
        ));
    }
    Ok(())
}

/// Returns which of the assignees of a task and its subtasks can be assigned the next occurrence: those with an active
/// account who are not viewers.
async fn assignable(conn: &mut PgConnection, done: &Task, parts: &[Task]) -> Result<Vec<Uuid>> {
    let assignees: Vec<Uuid> = parts.iter().chain([done]).filter_map(|task| task.assignee_id).collect();
    if assignees.is_empty() {
        return Ok(assignees);
    }
    Ok(sqlx::query_scalar!(
        "SELECT id FROM assignable_members($2) a JOIN users u ON u.id = a.user_id WHERE u.id = ANY($1) AND u.active",
        &assignees,
        done.project_id,
    )
    .fetch_all(conn)
    .await?)
}

/// Creates a copy of a task with the same creator. Its description mentions nobody a second time.
async fn add(tx: &mut Tx, caller: &Caller, of: &Task, new: NewTask) -> Result<Task> {
    let task = tasks::insert(tx, caller.into(), new, of.created_by, Vec::new()).await?;
    watchers::copy(tx, of.id, task.id).await?;
    mutes::copy(tx, of.id, task.id).await?;
    Ok(task)
}

async fn find(conn: &mut PgConnection, task_id: Uuid) -> Result<Option<Occurrence>> {
    let occurrence = sqlx::query_as!(
        Occurrence,
        "SELECT starts_at, number, scheduled_at FROM occurrences WHERE task_id = $1",
        task_id
    )
    .fetch_optional(conn)
    .await?;
    Ok(occurrence)
}

async fn place(conn: &mut PgConnection, task_id: Uuid, occurrence: &Occurrence) -> Result<()> {
    sqlx::query!(
        "INSERT INTO occurrences (task_id, starts_at, number, scheduled_at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
        task_id,
        occurrence.starts_at,
        occurrence.number,
        occurrence.scheduled_at,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Returns the subtasks that are created again with a task, those nearer to it first; one more than the limit, if
/// there are more.
async fn parts(conn: &mut PgConnection, task_id: Uuid) -> Result<Vec<Task>> {
    let parts = sqlx::query_as(concat!(
        "WITH RECURSIVE part AS (
             SELECT $1::uuid AS id, 0::bigint AS depth
             UNION ALL
             SELECT t.id, part.depth + 1 FROM tasks t JOIN part ON t.parent_id = part.id
             WHERE t.deleted_at IS NULL AND t.recurrence IS NULL AND part.depth < $2
               AND NOT EXISTS (SELECT 1 FROM occurrences o WHERE o.task_id = t.id))
         SELECT ",
        task_columns!(),
        ", NULL::boolean AS watching, NULL::boolean AS muted FROM part JOIN tasks t ON t.id = part.id JOIN projects p ON p.id = t.project_id
         WHERE part.depth > 0 ORDER BY part.depth, t.created_at, t.id LIMIT $2"
    ))
    .bind(task_id)
    .bind(i64::try_from(MAX_PARTS + 1).unwrap_or(i64::MAX))
    .fetch_all(conn)
    .await?;
    Ok(parts)
}

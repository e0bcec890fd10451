//! Who wants to hear of a task.

use std::collections::HashSet;

use sqlx::PgConnection;
use uuid::Uuid;

use super::reminders;
use crate::{Result, domain::Caller};

/// Begins to watch a task that is locked. Doing it again changes nothing. Not found if `caller` sees it only as an administrator, and is
/// none any more.
pub async fn add(conn: &mut PgConnection, caller: &Caller, task_id: Uuid) -> Result<()> {
    if caller.sees_everything() {
        sqlx::query!(
            "SELECT u.id FROM users u WHERE id = $1 AND (role = 'admin' OR EXISTS (
                 SELECT 1 FROM tasks t JOIN memberships m USING (project_id) WHERE t.id = $2 AND m.user_id = u.id)) FOR SHARE",
            caller.id,
            task_id,
        )
        .fetch_one(&mut *conn)
        .await?;
    }
    sqlx::query!("INSERT INTO watchers (task_id, user_id) VALUES ($1, $2) ON CONFLICT DO NOTHING", task_id, caller.id)
        .execute(&mut *conn)
        .await?;
    reminders::plan(conn, &[task_id]).await
}

/// Somebody who is no administrator any more ceases to watch what they do not see.
pub async fn remove_unseen(conn: &mut PgConnection, user_id: Uuid) -> Result<()> {
    let tasks = sqlx::query_scalar!(
        "DELETE FROM watchers w USING tasks t WHERE w.user_id = $1 AND t.id = w.task_id
            AND NOT EXISTS (SELECT 1 FROM memberships m WHERE m.project_id = t.project_id AND m.user_id = $1) RETURNING t.id",
        user_id,
    )
    .fetch_all(&mut *conn)
    .await?;
    reminders::plan(conn, &tasks).await
}

/// Who of these people watches which of these tasks: task and person.
pub async fn among(conn: &mut PgConnection, task_ids: &[Uuid], user_ids: &[Uuid]) -> Result<HashSet<(Uuid, Uuid)>> {
    let watching = sqlx::query!(
        "SELECT task_id, user_id FROM watchers WHERE task_id = ANY($1) AND user_id = ANY($2)",
        task_ids,
        user_ids,
    )
    .map(|row| (row.task_id, row.user_id))
    .fetch_all(conn)
    .await?;
    Ok(watching.into_iter().collect())
}

/// Ceases to watch. Doing it again changes nothing.
pub async fn remove(conn: &mut PgConnection, task_id: Uuid, user_id: Uuid) -> Result<()> {
    sqlx::query!("DELETE FROM watchers WHERE task_id = $1 AND user_id = $2", task_id, user_id)
        .execute(&mut *conn)
        .await?;
    reminders::plan(conn, &[task_id]).await
}

/// Lets those who watch a task watch another.
pub async fn copy(conn: &mut PgConnection, from: Uuid, to: Uuid) -> Result<()> {
    sqlx::query!(
        "INSERT INTO watchers (task_id, user_id) SELECT $2, user_id FROM watchers WHERE task_id = $1",
        from,
        to
    )
    .execute(&mut *conn)
    .await?;
    reminders::plan(conn, &[to]).await
}

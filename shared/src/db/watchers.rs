//! Who wants to hear of a task.

use sqlx::PgConnection;
use uuid::Uuid;

use super::reminders;
use crate::Result;

/// Begins to watch. Doing it again changes nothing.
pub async fn add(conn: &mut PgConnection, task_id: Uuid, user_id: Uuid) -> Result<()> {
    sqlx::query!("INSERT INTO watchers (task_id, user_id) VALUES ($1, $2) ON CONFLICT DO NOTHING", task_id, user_id)
        .execute(&mut *conn)
        .await?;
    reminders::plan(conn, &[task_id]).await
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

//! Who wants to hear of a task.

use sqlx::PgConnection;
use uuid::Uuid;

use crate::Result;

/// Begins to watch. Doing it again changes nothing.
pub async fn add(conn: &mut PgConnection, task_id: Uuid, user_id: Uuid) -> Result<()> {
    sqlx::query!("INSERT INTO watchers (task_id, user_id) VALUES ($1, $2) ON CONFLICT DO NOTHING", task_id, user_id)
        .execute(conn)
        .await?;
    Ok(())
}

/// Ceases to watch. Doing it again changes nothing.
pub async fn remove(conn: &mut PgConnection, task_id: Uuid, user_id: Uuid) -> Result<()> {
    sqlx::query!("DELETE FROM watchers WHERE task_id = $1 AND user_id = $2", task_id, user_id).execute(conn).await?;
    Ok(())
}

/// Lets those who watch a task watch another.
pub async fn copy(conn: &mut PgConnection, from: Uuid, to: Uuid) -> Result<()> {
    sqlx::query!(
        "INSERT INTO watchers (task_id, user_id) SELECT $2, user_id FROM watchers WHERE task_id = $1",
        from,
        to
    )
    .execute(conn)
    .await?;
    Ok(())
}

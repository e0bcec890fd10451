//! Who muted a task.

use sqlx::PgConnection;
use uuid::Uuid;

use crate::{
    Result,
    domain::{
        access::{Discuss, Permitted},
        task::Task,
    },
};

/// Mutes a task for the caller. Has no effect if it is muted.
pub async fn add(conn: &mut PgConnection, task: &Permitted<Task, Discuss>) -> Result<()> {
    sqlx::query!(
        "INSERT INTO task_mutes (task_id, user_id) VALUES ($1, $2) ON CONFLICT DO NOTHING",
        task.id,
        task.caller().id,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Unmutes a task for the caller. Has no effect if it is not muted.
pub async fn remove(conn: &mut PgConnection, task: &Permitted<Task, Discuss>) -> Result<()> {
    sqlx::query!("DELETE FROM task_mutes WHERE task_id = $1 AND user_id = $2", task.id, task.caller().id)
        .execute(conn)
        .await?;
    Ok(())
}

/// Mutes a task for those who muted another.
pub(super) async fn copy(conn: &mut PgConnection, from: Uuid, to: Uuid) -> Result<()> {
    sqlx::query!(
        "INSERT INTO task_mutes (task_id, user_id) SELECT $2, user_id FROM task_mutes WHERE task_id = $1",
        from,
        to,
    )
    .execute(conn)
    .await?;
    Ok(())
}

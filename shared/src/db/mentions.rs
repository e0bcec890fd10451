//! The people who were notified that a text mentions them.

use sqlx::PgConnection;
use uuid::Uuid;

use crate::Result;

/// Marks these people as notified that a text of a task mentions them, and returns those who were not before. The text
/// is a comment or, with the id of the task, the description.
pub async fn mark_notified(
    conn: &mut PgConnection,
    task_id: Uuid,
    text_id: Uuid,
    user_ids: &[Uuid],
) -> Result<Vec<Uuid>> {
    if user_ids.is_empty() {
        return Ok(Vec::new());
    }
    let told = sqlx::query_scalar!(
        "INSERT INTO mentions (task_id, text_id, user_id)
         SELECT $1, $2, id FROM unnest($3::uuid[]) AS u (id) ORDER BY id
         ON CONFLICT DO NOTHING RETURNING user_id",
        task_id,
        text_id,
        user_ids,
    )
    .fetch_all(conn)
    .await?;
    Ok(told)
}

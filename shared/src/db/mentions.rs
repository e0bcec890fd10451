//! Who was told that a text mentions them.

use sqlx::PgConnection;
use uuid::Uuid;

use crate::Result;

/// Of these people, those who were not told yet that a text of a task mentions them; from now on they were. The text is a comment, or,
/// by the task's own id, the description.
pub async fn tell(conn: &mut PgConnection, task_id: Uuid, text_id: Uuid, user_ids: &[Uuid]) -> Result<Vec<Uuid>> {
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

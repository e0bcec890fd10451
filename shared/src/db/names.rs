//! The names of people, projects and tasks, for a reader who may not see all of them.

use std::collections::HashMap;

use sqlx::PgConnection;
use uuid::Uuid;

use crate::Result;

/// Returns the names of those of these people, projects and tasks that a reader may see now. The name of a task is its
/// key and title.
pub async fn visible(conn: &mut PgConnection, reader_id: Uuid, ids: &[Uuid]) -> Result<HashMap<Uuid, String>> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let names = sqlx::query!(
        r#"WITH reader AS (SELECT role FROM users WHERE id = $1)
           SELECT u.id AS "id!", u.name AS "name!" FROM reader, users u
           WHERE u.id = ANY($2) AND (u.id = $1 OR reader.role >= 'manager' OR EXISTS (
               SELECT 1 FROM memberships mine JOIN memberships theirs USING (project_id)
               JOIN projects p ON p.id = project_id AND p.deleted_at IS NULL
               WHERE mine.user_id = $1 AND theirs.user_id = u.id))
           UNION ALL
           SELECT p.id, p.name FROM reader, projects p, visible_projects($1, reader.role = 'admin') v
           WHERE p.id = ANY($2) AND v.project_id = p.id
           UNION ALL
           SELECT t.id, p.key || '-' || t.number || ' ' || t.title
           FROM reader, tasks t JOIN projects p ON p.id = t.project_id, visible_projects($1, reader.role = 'admin') v
           WHERE t.id = ANY($2) AND v.project_id = p.id"#,
        reader_id,
        ids,
    )
    .map(|row| (row.id, row.name))
    .fetch_all(conn)
    .await?;
    Ok(names.into_iter().collect())
}

//! Labels, which each project writes as it first did. What compares them is the function `fold` of the database, and nothing else.

use sqlx::PgConnection;
use uuid::Uuid;

use crate::{Result, domain::Caller};

/// These labels as the project writes them, each once. Those that are new there are as given; and so are all of a project that `caller`
/// does not belong to.
pub async fn spelled(
    conn: &mut PgConnection,
    caller: &Caller,
    project_id: Uuid,
    labels: Vec<String>,
) -> Result<Vec<String>> {
    let spelled = sqlx::query_scalar!(
        r#"SELECT spelled(p.id, $2) AS "spelled!" FROM projects p
           WHERE p.id = $1 AND ($3 OR EXISTS (SELECT 1 FROM memberships m WHERE m.project_id = p.id AND m.user_id = $4))"#,
        project_id,
        &labels,
        caller.sees_everything(),
        caller.id,
    )
    .fetch_optional(conn)
    .await?;
    Ok(spelled.unwrap_or(labels))
}

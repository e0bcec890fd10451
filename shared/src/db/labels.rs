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
        r#"SELECT spelled(project_id, $2) AS "spelled!" FROM visible_projects($4, $3) WHERE project_id = $1"#,
        project_id,
        &labels,
        caller.sees_everything(),
        caller.id,
    )
    .fetch_optional(conn)
    .await?;
    Ok(spelled.unwrap_or(labels))
}

//! Labels. Each project keeps the spelling that was used first. Only the function `fold` of the database compares
//! labels.

use sqlx::PgConnection;
use uuid::Uuid;

use crate::{Result, domain::Caller};

/// Returns these labels in the spelling of the project, each once. Labels that are new in the project keep the
/// spelling given here, as do all labels if `caller` does not belong to it.
pub async fn with_spelling_of(
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

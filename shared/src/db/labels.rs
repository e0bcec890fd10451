//! Labels. Each project keeps the spelling that was used first. Only the function `fold` of the database compares
//! labels.

use serde::Serialize;
use serde_json::json;
use sqlx::PgConnection;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{Tx, project_changes, task_history};
use crate::{
    Result,
    domain::{
        Caller,
        access::{ManageLabels, Permitted},
        activity::{ActivityKind, Change, TaskField},
        feed::FeedEvent,
        project::Project,
    },
};

/// The most labels that are listed.
const MAX_LABELS: i64 = 200;

/// A label, and how many tasks have it.
#[derive(Debug, Serialize, ToSchema)]
pub struct LabelCount {
    /// The label, as the project with the most such tasks spells it.
    pub label: String,
    /// The number of tasks.
    pub count: i64,
}

/// Returns the labels of tasks that `caller` may see and that are not in the trash, the most frequent first: those that
/// contain `q`, of one project or of all.
pub async fn list(
    conn: &mut PgConnection,
    caller: &Caller,
    project_id: Option<Uuid>,
    q: Option<&str>,
) -> Result<Vec<LabelCount>> {
    // With UNION ALL, not even a generic plan reads the projects of others.
    let labels = sqlx::query_as!(
        LabelCount,
        r#"SELECT (array_agg(l.label ORDER BY l.count DESC, v.id))[1] AS "label!", sum(l.count)::bigint AS "count!"
           FROM (SELECT p.id FROM memberships m JOIN projects p ON p.id = m.project_id
                 WHERE m.user_id = $1 AND NOT $2 AND p.deleted_at IS NULL
                 UNION ALL SELECT p.id FROM projects p WHERE $2 AND p.deleted_at IS NULL) v
           JOIN labels l ON l.project_id = v.id
           WHERE l.count > 0 AND ($3::uuid IS NULL OR v.id = $3) AND ($4::text IS NULL OR strpos(l.folded, fold($4)) > 0)
           GROUP BY l.folded ORDER BY 2 DESC, l.folded LIMIT $5"#,
        caller.id,
        caller.sees_everything(),
        project_id,
        q,
        MAX_LABELS,
    )
    .fetch_all(conn)
    .await?;
    Ok(labels)
}

/// Gives a label of a project another spelling or name, on all of its tasks, also those in the trash. If the project has
/// a label with the new name, the two become one. Returns the number of tasks that changed. Nobody is notified.
///
/// Fails with [`Error::NotFound`](crate::Error::NotFound) if the project has no such label. The project is held alone.
pub async fn rename(tx: &mut Tx, project: &Permitted<Project, ManageLabels>, from: &str, to: &str) -> Result<usize> {
    let (project_id, actor_id) = (project.id, project.caller().id);
    let old = sqlx::query!(
        r#"SELECT label, folded = fold($3) AS "is_same!" FROM labels WHERE project_id = $1 AND folded = fold($2)"#,
        project_id,
        from,
        to,
    )
    .fetch_one(&mut **tx)
    .await?;
    if old.label == to {
        return Ok(0);
    }
    if old.is_same {
        sqlx::query!("UPDATE labels SET label = $3 WHERE project_id = $1 AND folded = fold($2)", project_id, from, to)
            .execute(&mut **tx)
            .await?;
    }
    // A trigger writes each label as the project spells it, and each once.
    let tasks = sqlx::query!(
        r#"WITH old AS (
               SELECT id, labels FROM tasks
               WHERE labels <> '{}' AND labels && ARRAY[$2] AND ARRAY[project_id] && ARRAY[$1]::uuid[] ORDER BY id FOR UPDATE)
           UPDATE tasks t SET labels = array_replace(t.labels, $2, $3), version = version + 1, updated_at = now()
           FROM old WHERE t.id = old.id RETURNING t.id, old.labels AS "before!", t.labels AS "after!""#,
        project_id,
        old.label,
        to,
    )
    .fetch_all(&mut **tx)
    .await?;
    if !old.is_same {
        sqlx::query!("DELETE FROM labels WHERE project_id = $1 AND folded = fold($2)", project_id, from)
            .execute(&mut **tx)
            .await?;
    }
    if tasks.is_empty() {
        return Ok(0); // nobody sees a label without a task
    }
    let ids: Vec<Uuid> = tasks.iter().map(|task| task.id).collect();
    let changes = tasks.into_iter().map(|task| {
        let change = Change { field: TaskField::Labels, from: json!(task.before), to: json!(task.after) };
        (task.id, json!([change]))
    });
    task_history::record_each(tx, actor_id, ActivityKind::Updated, changes.collect()).await?;
    project_changes::add(tx, project_id, actor_id, FeedEvent::Updated, &ids).await?;
    Ok(ids.len())
}

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

//! What happened to tasks. Each entry is an activity row and, under the same id, an event in the outbox.

use serde_json::{Value, json};
use sqlx::{PgConnection, types::Json};
use uuid::Uuid;

use super::page::{Cursor, Page, PageRequest};
use crate::{
    Result,
    domain::task::{Activity, ActivityKind, Change},
};

/// Writes that `actor` did the same thing to each of some tasks, in the transaction that does it.
pub async fn record(
    conn: &mut PgConnection,
    actor_id: Uuid,
    kind: ActivityKind,
    task_ids: Vec<Uuid>,
    changes: &[Change],
) -> Result<()> {
    record_with(conn, actor_id, kind, task_ids, changes, json!({})).await
}

/// Like [`record`], with more for the event to say, such as which comment it was.
pub async fn record_with(
    conn: &mut PgConnection,
    actor_id: Uuid,
    kind: ActivityKind,
    task_ids: Vec<Uuid>,
    changes: &[Change],
    extra: Value,
) -> Result<()> {
    if task_ids.is_empty() {
        return Ok(());
    }
    let ids: Vec<Uuid> = task_ids.iter().map(|_| Uuid::now_v7()).collect();
    sqlx::query!(
        "WITH entry AS (
             INSERT INTO activity (id, task_id, actor_id, kind, changes)
             SELECT id, task_id, $3, $4, $5 FROM unnest($1::uuid[], $2::uuid[]) AS e (id, task_id)
             RETURNING id, task_id)
         INSERT INTO outbox (id, queue, payload)
         SELECT e.id, 'events', $6::jsonb || jsonb_build_object('kind', $4::text, 'activity_id', e.id, 'task_id', e.task_id,
                                                                'project_id', t.project_id, 'actor_id', $3::uuid)
         FROM entry e JOIN tasks t ON t.id = e.task_id",
        &ids,
        &task_ids,
        actor_id,
        kind.as_str(),
        json!(changes),
        extra,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// A page of what happened to a task, newest first.
pub async fn list(conn: &mut PgConnection, task_id: Uuid, page: &PageRequest) -> Result<Page<Activity>> {
    let entries = sqlx::query_as!(
        Activity,
        r#"SELECT id, task_id, actor_id, kind, changes AS "changes: Json<Vec<Change>>", created_at
           FROM activity WHERE task_id = $1 AND ($2::uuid IS NULL OR id < $2) ORDER BY id DESC LIMIT $3"#,
        task_id,
        page.after::<Uuid>("activity")?,
        page.fetch(),
    )
    .fetch_all(conn)
    .await?;
    Ok(page.cut(entries, |entry| Cursor::new("activity", entry.id)))
}

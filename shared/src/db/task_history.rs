//! What happened to tasks. Each entry is an activity row and, under the same id, an event in the outbox.

use serde_json::{Value, json};
use sqlx::{PgConnection, types::Json};
use uuid::Uuid;

use super::{
    outbox::Outgoing,
    page::{Cursor, Page, PageRequest},
};
use crate::{
    Result,
    domain::task::{Activity, ActivityKind, Change},
};

/// Writes that `actor` did the same thing to each of some tasks, in the transaction that does it. The event is a
/// [`TaskEvent`](crate::domain::event::TaskEvent).
pub async fn record(
    conn: &mut PgConnection,
    actor_id: Uuid,
    kind: ActivityKind,
    task_ids: Vec<Uuid>,
    changes: &[Change],
) -> Result<Outgoing> {
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
) -> Result<Outgoing> {
    if task_ids.is_empty() {
        return Ok(Outgoing::default());
    }
    let ids: Vec<Uuid> = task_ids.iter().map(|_| Uuid::now_v7()).collect();
    sqlx::query!(
        "WITH entry AS (
             INSERT INTO activity (id, task_id, actor_id, kind, changes)
             SELECT id, task_id, $3, $4, $5 FROM unnest($1::uuid[], $2::uuid[]) AS e (id, task_id)
             RETURNING id, task_id)
         INSERT INTO outbox (id, queue, payload)
         SELECT id, 'events', $6::jsonb || jsonb_build_object('event', 'task', 'kind', $4::text, 'activity_id', id,
                                                              'task_id', task_id, 'actor_id', $3::uuid)
         FROM entry",
        &ids,
        &task_ids,
        actor_id,
        kind.as_str(),
        json!(changes),
        extra,
    )
    .execute(conn)
    .await?;
    Ok(Outgoing::events(&ids))
}

/// What an entry says changed, and the name of who did it; nothing if its task is gone for good.
pub async fn find(conn: &mut PgConnection, id: Uuid) -> Result<Option<(Vec<Change>, String)>> {
    let entry = sqlx::query!(
        r#"SELECT a.changes AS "changes: Json<Vec<Change>>", u.name
           FROM activity a JOIN users u ON u.id = a.actor_id WHERE a.id = $1"#,
        id,
    )
    .map(|row| (row.changes.0, row.name))
    .fetch_optional(conn)
    .await?;
    Ok(entry)
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

//! The activity of tasks. Each entry is an activity row and, under the same id, an event in the outbox. A change of a
//! tree or a project has an entry for each task, and one event.

use serde_json::{Value, json};
use sqlx::{PgConnection, types::Json};
use uuid::Uuid;

use super::{
    Tx, outbox,
    page::{Cursor, Page, PageRequest},
};
use crate::{
    Result,
    domain::{
        Caller,
        event::{Event, Unassigned},
        task::{Activity, ActivityKind, Change},
    },
};

/// Records that `actor` did the same thing to each of these tasks, in the transaction that does it, with an event for
/// each: a [`TaskEvent`](crate::domain::event::TaskEvent).
pub async fn record(
    tx: &mut Tx,
    actor_id: Uuid,
    kind: ActivityKind,
    task_ids: Vec<Uuid>,
    changes: &[Change],
) -> Result<()> {
    record_with(tx, actor_id, kind, task_ids, changes, json!({})).await
}

/// Like [`record`], with more fields for the event, such as the comment. An entry about a private comment is private,
/// too.
pub async fn record_with(
    tx: &mut Tx,
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
             INSERT INTO activity (id, task_id, actor_id, kind, changes, private_to)
             SELECT id, task_id, $3, $4, $5, (SELECT c.private_to FROM comments c WHERE c.id = ($6::jsonb->>'comment_id')::uuid)
             FROM unnest($1::uuid[], $2::uuid[]) AS e (id, task_id)
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
    .execute(&mut **tx)
    .await?;
    outbox::enqueue_events(tx, &ids);
    Ok(())
}

/// Records that `actor` did the same thing to a task and its subtasks: an entry for each of `ids`, and one event. The
/// changes are those of the task itself; of its subtasks only the project may have changed with it.
pub(super) async fn record_tree(
    tx: &mut Tx,
    actor_id: Uuid,
    kind: ActivityKind,
    task_id: Uuid,
    ids: &[Uuid],
    changes: &[Change],
    mut extra: Value,
) -> Result<()> {
    let parts: Vec<Uuid> = ids.iter().copied().filter(|id| *id != task_id).collect();
    if parts.is_empty() {
        return record_with(tx, actor_id, kind, vec![task_id], changes, extra).await;
    }
    let of_parts: Vec<&Change> = changes.iter().filter(|change| change.field == "project_id").collect();
    write(tx, actor_id, kind, &parts, json!(of_parts)).await?;
    extra["parts"] = json!(parts);
    record_with(tx, actor_id, kind, vec![task_id], changes, extra).await
}

/// Records that `actor` changed several tasks of a project: moved it to the trash, restored it, or unassigned a
/// member. Adds an entry for each task, and one event.
pub(super) async fn record_project(
    tx: &mut Tx,
    actor_id: Uuid,
    kind: ActivityKind,
    project_id: Uuid,
    task_ids: Vec<Uuid>,
    unassigned: Option<Unassigned>,
) -> Result<()> {
    if task_ids.is_empty() {
        return Ok(());
    }
    let change = |why: Unassigned| Change { field: "assignee_id".into(), from: json!(why.user_id()), to: Value::Null };
    let changes: Vec<Change> = unassigned.map(change).into_iter().collect();
    write(tx, actor_id, kind, &task_ids, json!(changes)).await?;
    outbox::add_event(tx, &Event::Project { kind, project_id, actor_id, task_ids, unassigned }).await
}

async fn write(
    conn: &mut PgConnection,
    actor_id: Uuid,
    kind: ActivityKind,
    task_ids: &[Uuid],
    changes: Value,
) -> Result<()> {
    let ids: Vec<Uuid> = task_ids.iter().map(|_| Uuid::now_v7()).collect();
    sqlx::query!(
        "INSERT INTO activity (id, task_id, actor_id, kind, changes)
         SELECT id, task_id, $3, $4, $5 FROM unnest($1::uuid[], $2::uuid[]) AS e (id, task_id)",
        &ids,
        task_ids,
        actor_id,
        kind.as_str(),
        changes,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// An entry, for the notifications about it.
pub struct Entry {
    /// What changed.
    pub changes: Vec<Change>,
    /// The name of the person who did it.
    pub actor: String,
    /// The only person who is notified, if it happened in their Inbox.
    pub private_to: Option<Uuid>,
}

/// Returns the entry with this id, or `None` if its task was deleted for good.
pub async fn find(conn: &mut PgConnection, id: Uuid) -> Result<Option<Entry>> {
    let entry = sqlx::query!(
        r#"SELECT a.changes AS "changes: Json<Vec<Change>>", u.name, a.private_to
           FROM activity a JOIN users u ON u.id = a.actor_id WHERE a.id = $1"#,
        id,
    )
    .map(|row| Entry { changes: row.changes.0, actor: row.name, private_to: row.private_to })
    .fetch_optional(conn)
    .await?;
    Ok(entry)
}

/// Returns a page of a task's activity, newest first. Entries from an Inbox are included only if it was the reader's.
pub async fn list(
    conn: &mut PgConnection,
    reader: &Caller,
    task_id: Uuid,
    page: &PageRequest,
) -> Result<Page<Activity>> {
    let entries = sqlx::query_as!(
        Activity,
        r#"SELECT id, task_id, actor_id, kind, changes AS "changes: Json<Vec<Change>>", created_at
           FROM activity
           WHERE task_id = $1 AND ($2::uuid IS NULL OR id < $2) AND (private_to IS NULL OR private_to = $4)
           ORDER BY id DESC LIMIT $3"#,
        task_id,
        page.after::<Uuid>("activity")?,
        page.fetch(),
        reader.id,
    )
    .fetch_all(conn)
    .await?;
    Ok(page.cut(entries, |entry| Cursor::new("activity", entry.id)))
}

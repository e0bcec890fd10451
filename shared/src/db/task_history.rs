//! The activity of tasks. Each entry is an activity row and, under the same id, an event in the outbox. A change of a
//! tree or a project has an entry for each task, and one event. What happens to a task or a tree is also a change in
//! the feed of its project (see [`project_changes`](super::project_changes)).

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
        activity::{Activity, ActivityKind, Change, TaskField},
        event::{Event, TaskEvent, Unassigned},
        feed::FeedEvent,
    },
};

/// Returns the event of a new entry: what happened to which task, and who did it. The other fields are empty.
pub(super) fn event(kind: ActivityKind, task_id: Uuid, actor_id: Uuid) -> TaskEvent {
    TaskEvent {
        kind,
        activity_id: Uuid::now_v7(),
        task_id,
        actor_id,
        assignee_id: None,
        comment_id: None,
        mentioned: Vec::new(),
        parts: Vec::new(),
        feed: Vec::new(),
    }
}

/// Writes an event, its entry, which says what changed, and its change in the feed of the project, in the transaction
/// that makes the change. What is about a private comment is private, too.
///
/// Other changes of the project wait from here until the commit.
pub(super) async fn record(tx: &mut Tx, event: TaskEvent, changes: &[Change]) -> Result<()> {
    let id = event.activity_id;
    let payload = json!(Event::Task(event.clone()));
    let tree = [&[event.task_id], &event.parts[..]].concat();
    sqlx::query!(
        "WITH place AS (
             UPDATE projects SET change_counter = change_counter + 1
             WHERE id = (SELECT t.project_id FROM tasks t WHERE t.id = $2) RETURNING id, change_counter),
         entry AS (
             INSERT INTO activity (id, task_id, actor_id, kind, changes, private_to)
             VALUES ($1, $2, $3, $4, $5, (SELECT c.private_to FROM comments c WHERE c.id = $6))),
         change AS (
             INSERT INTO project_changes (project_id, n, event, actor_id, task_id, comment_id, task_ids, private_to)
             SELECT id, change_counter, $8, $3, CASE WHEN $9::uuid[] IS NULL THEN $2 END, $6, $9,
                    (SELECT c.private_to FROM comments c WHERE c.id = $6)
             FROM place)
         INSERT INTO outbox (id, queue, payload) SELECT $1, 'events', in_feed($7, place.id, change_counter) FROM place",
        id,
        event.task_id,
        event.actor_id,
        event.kind.as_str(),
        json!(changes),
        event.comment_id,
        payload,
        FeedEvent::from(event.kind).as_str(),
        (!event.parts.is_empty()).then_some(&tree[..]),
    )
    .execute(&mut **tx)
    .await?;
    outbox::enqueue_events(tx, &[id]);
    Ok(())
}

/// Like [`record`], for what happened to a task and its subtasks: an entry for each of `ids`, and one event. Changes
/// are those of the task itself; of its subtasks only their project may have changed with it.
pub(super) async fn record_tree(tx: &mut Tx, event: TaskEvent, ids: &[Uuid], changes: &[Change]) -> Result<()> {
    let parts: Vec<Uuid> = ids.iter().copied().filter(|id| *id != event.task_id).collect();
    if !parts.is_empty() {
        let of_parts: Vec<&Change> = changes.iter().filter(|change| change.field == TaskField::ProjectId).collect();
        write(tx, event.actor_id, event.kind, &parts, json!(of_parts)).await?;
    }
    record(tx, TaskEvent { parts, ..event }, changes).await
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
    let change = |why: Unassigned| Change { field: TaskField::AssigneeId, from: json!(why.user_id()), to: Value::Null };
    let changes: Vec<Change> = unassigned.map(change).into_iter().collect();
    write(tx, actor_id, kind, &task_ids, json!(changes)).await?;
    outbox::add_event(tx, &Event::Project { kind, project_id, actor_id, task_ids, unassigned }).await
}

/// Adds an entry for each of several tasks, with its changes, and no event: nobody is notified.
pub(super) async fn record_each(
    conn: &mut PgConnection,
    actor_id: Uuid,
    kind: ActivityKind,
    changes: Vec<(Uuid, Value)>,
) -> Result<()> {
    let ids: Vec<Uuid> = changes.iter().map(|_| Uuid::now_v7()).collect();
    let (task_ids, changes): (Vec<Uuid>, Vec<Value>) = changes.into_iter().unzip();
    sqlx::query!(
        "INSERT INTO activity (id, task_id, actor_id, kind, changes)
         SELECT id, task_id, $4, $5, changes FROM unnest($1::uuid[], $2::uuid[], $3::jsonb[]) AS e (id, task_id, changes)",
        &ids,
        &task_ids,
        &changes,
        actor_id,
        kind.as_str(),
    )
    .execute(conn)
    .await?;
    Ok(())
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
    let entries = sqlx::query!(
        r#"SELECT id, task_id, actor_id, kind, changes AS "changes: Json<Vec<Change>>", created_at
           FROM activity
           WHERE task_id = $1 AND ($2::uuid IS NULL OR id < $2) AND (private_to IS NULL OR private_to = $4)
           ORDER BY id DESC LIMIT $3"#,
        task_id,
        page.after::<Uuid>("activity")?,
        page.fetch(),
        reader.id,
    )
    .map(|row| Activity {
        id: row.id,
        task_id: row.task_id,
        actor_id: row.actor_id,
        kind: row.kind,
        changes: row.changes.0,
        created_at: row.created_at,
    })
    .fetch_all(conn)
    .await?;
    Ok(page.cut(entries, |entry| Cursor::new("activity", entry.id)))
}

//! When people are reminded of deadlines.

use chrono::{DateTime, Utc};
use serde_json::json;
use sqlx::PgConnection;
use uuid::Uuid;

use super::{Tx, locks, outbox};
use crate::{
    Result,
    domain::{
        activity::{Change, TaskField},
        event::Event,
        preferences::Preferences,
    },
};

/// Returns whether changes of a task move its reminders.
pub(super) fn are_moved_by(changes: &[Change]) -> bool {
    changes.iter().any(|change| {
        matches!(change.field, TaskField::DueAt | TaskField::Status | TaskField::AssigneeId | TaskField::ProjectId)
    })
}

/// Plans the reminders of tasks again: for the assignee (or the creator, if there is none) and the watchers, while the
/// task is open and has a deadline. Reminders of the same deadline that were sent are not sent again.
///
/// Prevents changes of watching administrators. Of several tasks it first locks all existing reminders in the order of
/// tasks and people, before it writes any. All code that writes reminders of several tasks does so, and [`fire`] does
/// not wait for locks.
pub(super) async fn plan(conn: &mut PgConnection, task_ids: &[Uuid]) -> Result<()> {
    locks::share_admins(conn, task_ids).await?;
    if task_ids.len() > 1 {
        sqlx::query!(
            "SELECT task_id FROM reminders WHERE task_id = ANY($1) ORDER BY task_id, user_id FOR UPDATE",
            task_ids,
        )
        .fetch_all(&mut *conn)
        .await?;
    }
    sqlx::query!(
        "WITH concerned AS (
             SELECT t.id AS task_id, p.user_id, t.due_at
             FROM tasks t CROSS JOIN LATERAL (SELECT COALESCE(t.assignee_id, t.created_by) AS user_id
                                              UNION SELECT w.user_id FROM watchers w WHERE w.task_id = t.id) p
             WHERE t.id = ANY($1) AND t.due_at IS NOT NULL AND t.deleted_at IS NULL AND t.status IN ('todo', 'in_progress')),
         gone AS (
             DELETE FROM reminders r WHERE r.task_id = ANY($1)
                AND NOT EXISTS (SELECT 1 FROM concerned c WHERE c.task_id = r.task_id AND c.user_id = r.user_id))
         INSERT INTO reminders AS r (task_id, user_id, due_at, fire_at)
         SELECT c.task_id, c.user_id, c.due_at, first_reminder(c.due_at, COALESCE(p.reminder_offsets, $2), now())
         FROM concerned c LEFT JOIN notification_preferences p USING (user_id) ORDER BY c.task_id, c.user_id
         ON CONFLICT (task_id, user_id) DO UPDATE SET due_at = excluded.due_at, fire_at = excluded.fire_at
             WHERE r.due_at <> excluded.due_at",
        task_ids,
        &Preferences::default().reminder_offsets,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Plans a person's reminders that are not sent yet with other offsets.
pub(super) async fn plan_by_offsets(conn: &mut PgConnection, user_id: Uuid, offsets: &[String]) -> Result<()> {
    sqlx::query!(
        "WITH mine AS (
             SELECT task_id FROM reminders WHERE user_id = $1 AND fire_at IS NOT NULL AND due_at > now() ORDER BY task_id FOR UPDATE)
         UPDATE reminders r SET fire_at = next_reminder(r.due_at, $2, now()) FROM mine
         WHERE r.user_id = $1 AND r.task_id = mine.task_id",
        user_id,
        offsets,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Fires at most `limit` reminders that are due at `now`: plans the next of each, and adds an event for each task.
/// Returns the number of reminders. Concurrent calls take different ones.
pub async fn fire(tx: &mut Tx, now: DateTime<Utc>, limit: i64) -> Result<usize> {
    let due = sqlx::query!(
        "WITH due AS (
             SELECT task_id, user_id FROM reminders WHERE fire_at <= $1 ORDER BY fire_at LIMIT $2 FOR UPDATE SKIP LOCKED),
         offsets AS (
             SELECT due.*, COALESCE(p.reminder_offsets, $3) AS offsets FROM due LEFT JOIN notification_preferences p USING (user_id))
         UPDATE reminders r SET fire_at = next_reminder(r.due_at, o.offsets, $1) FROM offsets o
         WHERE r.task_id = o.task_id AND r.user_id = o.user_id
         RETURNING r.task_id, r.user_id, r.due_at",
        now,
        limit,
        &Preferences::default().reminder_offsets,
    )
    .fetch_all(&mut **tx)
    .await?;
    let taken = due.len();
    let mut events: Vec<Event> = Vec::new();
    let mut rows: Vec<_> = due.into_iter().map(|row| (row.task_id, row.due_at, row.user_id)).collect();
    rows.sort_unstable();
    for (task_id, due_at, user_id) in rows {
        match events.last_mut() {
            Some(Event::Reminder { task_id: of, user_ids, .. }) if *of == task_id => user_ids.push(user_id),
            _ => events.push(Event::Reminder { task_id, due_at, overdue: due_at <= now, user_ids: vec![user_id] }),
        }
    }
    let ids: Vec<Uuid> = events.iter().map(|_| Uuid::now_v7()).collect();
    let payloads: Vec<_> = events.iter().map(|event| json!(event)).collect();
    sqlx::query!(
        "INSERT INTO outbox (id, queue, payload) SELECT id, 'events', payload FROM unnest($1::uuid[], $2::jsonb[]) AS e (id, payload)",
        &ids,
        &payloads,
    )
    .execute(&mut **tx)
    .await?;
    outbox::enqueue_events(tx, &ids);
    Ok(taken)
}

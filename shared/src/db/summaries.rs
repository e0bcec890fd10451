//! Daily summaries: when each person receives the next one, and its content.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use serde_json::json;
use sqlx::PgConnection;
use uuid::Uuid;

use super::{
    Tx, emails, notifications,
    outbox::{self, Topic},
};
use crate::{
    Result,
    domain::{
        email::{EmailKind, Summary, SummaryLine},
        notification_kind::{ChannelPreferences, EmailChoice, NotificationKind},
        preferences::Preferences,
        time::TimeOfDay,
    },
};

/// The most lines of a section.
const LINES: i64 = 20;

/// Schedules a person's next summary by their time zone and preferences. Must be called when one of these changes.
pub(super) async fn plan(conn: &mut PgConnection, user_id: Uuid) -> Result<()> {
    let wish = sqlx::query!(
        r#"SELECT u.time_zone, p.user_id IS NOT NULL AS "chosen!", p.daily_summary_at AS "daily_summary_at?"
           FROM users u LEFT JOIN notification_preferences p ON p.user_id = u.id WHERE u.id = $1"#,
        user_id,
    )
    .fetch_one(&mut *conn)
    .await?;
    let time = if wish.chosen { wish.daily_summary_at.map(TimeOfDay) } else { Preferences::default().daily_summary_at };
    let next = time.and_then(|time| time.next_after(Utc::now(), zone(&wish.time_zone)));
    let Some(fire_at) = next else {
        sqlx::query!("DELETE FROM summaries WHERE user_id = $1", user_id).execute(conn).await?;
        return Ok(());
    };
    sqlx::query!(
        "INSERT INTO summaries (user_id, fire_at, last_seq)
         VALUES ($1, $2, COALESCE((SELECT last_seq FROM inboxes WHERE user_id = $1), 0))
         ON CONFLICT (user_id) DO UPDATE SET fire_at = $2",
        user_id,
        fire_at,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Takes at most `limit` summaries that are due at `now`, schedules the next of each, and enqueues an e-mail for each
/// that is not empty. Returns the number of summaries taken. Concurrent calls take different ones.
pub async fn enqueue_due(tx: &mut Tx, now: DateTime<Utc>, limit: i64) -> Result<usize> {
    let mut due = sqlx::query!(
        r#"SELECT s.user_id, s.sent_at, s.last_seq, u.time_zone, u.active AND u.email_verified_at IS NOT NULL AS "reachable!",
                  p.kinds AS "kinds?", p.user_id IS NOT NULL AS "chosen!", p.daily_summary_at AS "daily_summary_at?"
           FROM summaries s JOIN users u ON u.id = s.user_id LEFT JOIN notification_preferences p ON p.user_id = s.user_id
           WHERE s.fire_at <= $1 ORDER BY s.fire_at LIMIT $2 FOR UPDATE OF s SKIP LOCKED"#,
        now,
        limit,
    )
    .fetch_all(&mut **tx)
    .await?;
    // Inboxes are locked in the order of their users, as in `notifications::next_seqs`; otherwise the two could wait
    // for one another.
    due.sort_unstable_by_key(|row| row.user_id);
    let taken = due.len();
    for row in due {
        let time =
            if row.chosen { row.daily_summary_at.map(TimeOfDay) } else { Preferences::default().daily_summary_at };
        let zone = zone(&row.time_zone);
        let kinds = row.kinds.as_ref().map_or_else(ChannelPreferences::default, ChannelPreferences::from_stored);
        if row.reachable {
            let (email_id, daily) = (Uuid::now_v7(), daily(&kinds));
            let scope = SummaryScope { user_id: row.user_id, since: row.sent_at, since_seq: row.last_seq };
            let has_news = write(tx, email_id, &scope, &daily).await?;
            if has_news || !content(tx, email_id, &scope, now, zone).await?.is_empty() {
                outbox::add(tx, Topic::Emails, json!({ "email_id": email_id })).await?;
            } else {
                sqlx::query!("DELETE FROM emails WHERE id = $1", email_id).execute(&mut **tx).await?;
            }
        }
        let next = time.and_then(|time| time.next_after(now, zone));
        sqlx::query!(
            "UPDATE summaries SET fire_at = COALESCE($2, 'infinity'::timestamptz), sent_at = $3,
                    last_seq = COALESCE((SELECT last_seq FROM inboxes WHERE user_id = $1), 0)
             WHERE user_id = $1",
            row.user_id,
            next,
            now,
        )
        .execute(&mut **tx)
        .await?;
    }
    Ok(taken)
}

/// The person of a summary, and where its content begins.
pub struct SummaryScope {
    /// The person.
    pub user_id: Uuid,
    /// The time of the last one.
    pub since: DateTime<Utc>,
    /// The `seq` of the newest notification at that time.
    pub since_seq: i64,
}

/// Writes the e-mail, with the notifications of the `daily` kinds since the last summary that are in no other e-mail. The copy
/// of a snoozed one is no news.
/// Returns whether there are any.
async fn write(conn: &mut PgConnection, email_id: Uuid, scope: &SummaryScope, daily: &[String]) -> Result<bool> {
    // No notification is added to the inbox until the end.
    notifications::lock(conn, scope.user_id).await?;
    let told = sqlx::query!(
        "WITH mail AS (
             INSERT INTO emails (id, user_id, kind, since, since_seq, sealed_at) VALUES ($1, $2, $3, $4, $5, now()) RETURNING id)
         UPDATE notifications SET email_id = mail.id FROM mail
         WHERE user_id = $2 AND seq > $5 AND email_id IS NULL AND kind = ANY($6) AND NOT data ? 'snoozed'",
        email_id,
        scope.user_id,
        EmailKind::Summary.as_str(),
        scope.since,
        scope.since_seq,
        daily,
    )
    .execute(conn)
    .await?;
    Ok(told.rows_affected() > 0)
}

/// Returns the content of a summary at `now` for a person in `zone`: only what they may see.
pub async fn content(
    conn: &mut PgConnection,
    email_id: Uuid,
    scope: &SummaryScope,
    now: DateTime<Utc>,
    zone: Tz,
) -> Result<Summary> {
    let midnight = TimeOfDay::MIDNIGHT.next_after(now, zone).unwrap_or(now);
    let rows = sqlx::query!(
        r#"WITH me AS (SELECT id, role = 'admin' AS sees_all FROM users WHERE id = $1),
                mine AS (
             SELECT t.* FROM tasks t WHERE t.assignee_id = $1 AND t.deleted_at IS NULL AND t.status IN ('todo', 'in_progress')
             UNION ALL
             SELECT t.* FROM tasks t WHERE t.created_by = $1 AND t.assignee_id IS NULL AND t.deleted_at IS NULL
                AND t.status IN ('todo', 'in_progress')
                AND NOT EXISTS (SELECT 1 FROM task_mutes o WHERE o.task_id = t.id AND o.user_id = $1)),
                line AS (
             (SELECT 'overdue' AS section, id FROM mine WHERE COALESCE(due_at, 'infinity') < $2 ORDER BY COALESCE(due_at, 'infinity'), id LIMIT $6)
             UNION ALL
             (SELECT 'due_today', id FROM mine WHERE COALESCE(due_at, 'infinity') >= $2 AND COALESCE(due_at, 'infinity') < $3
              ORDER BY COALESCE(due_at, 'infinity'), id LIMIT $6)
             UNION ALL
             (SELECT DISTINCT 'assigned', mine.id FROM notifications n JOIN mine ON mine.id = n.task_id
              WHERE n.user_id = $1 AND n.seq > $4 AND n.kind = 'task_assigned' AND NOT n.data ? 'snoozed' AND mine.assignee_id = $1 LIMIT $6)
             UNION ALL
             (SELECT 'done', t.id FROM memberships m JOIN projects p ON p.id = m.project_id AND NOT p.personal
              JOIN tasks t ON t.project_id = p.id
              WHERE m.user_id = $1 AND t.completed_at > $5 AND t.completed_at <= $2 AND t.deleted_at IS NULL
                AND COALESCE(t.assignee_id, t.created_by) IS DISTINCT FROM $1
                AND NOT EXISTS (SELECT 1 FROM task_mutes o WHERE o.task_id = t.id AND o.user_id = $1)
              ORDER BY t.completed_at, t.id LIMIT $6))
           SELECT line.section AS "section!", p.key || '-' || t.number AS "key!", t.title, t.due_at
           FROM line JOIN tasks t ON t.id = line.id JOIN projects p ON p.id = t.project_id CROSS JOIN me
           WHERE me.sees_all OR EXISTS (SELECT 1 FROM memberships m WHERE m.project_id = t.project_id AND m.user_id = $1)
           ORDER BY CASE line.section WHEN 'done' THEN t.completed_at ELSE COALESCE(t.due_at, 'infinity') END, t.id"#,
        scope.user_id,
        now,
        midnight,
        scope.since_seq,
        scope.since,
        LINES,
    )
    .fetch_all(&mut *conn)
    .await?;
    let mut summary = Summary { news: emails::items(conn, email_id, scope.user_id, zone).await?, ..Summary::default() };
    for row in rows {
        let (section, due) = match row.section.as_str() {
            "overdue" => (&mut summary.overdue, Some("since %-d %B at %H:%M")),
            "due_today" => (&mut summary.due_today, Some("at %H:%M")),
            "assigned" => (&mut summary.assigned, Some("due %-d %B at %H:%M")),
            _ => (&mut summary.done, None),
        };
        let shown = |form| Some(row.due_at?.with_timezone(&zone).format(form).to_string());
        section.push(SummaryLine { key: row.key, title: row.title, due: due.and_then(shown) });
    }
    Ok(summary)
}

/// Returns the kinds that a person wants in the daily summary.
fn daily(kinds: &ChannelPreferences) -> Vec<String> {
    let daily = NotificationKind::ALL.iter().filter(|&&kind| kinds.get(kind).email == EmailChoice::Daily);
    daily.map(|kind| kind.as_str().to_owned()).collect()
}

fn zone(name: &str) -> Tz {
    name.parse().unwrap_or(chrono_tz::UTC)
}

//! Mails: one row each, which remembers that it was sent.

use std::{collections::HashMap, time::Duration};

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use serde_json::json;
use sqlx::PgConnection;
use uuid::Uuid;

use super::{
    Tx, names,
    outbox::{self, Topic},
};
use crate::{
    Result,
    domain::{
        email::{EmailItem, EmailKind},
        notification_kind::{ChannelPreferences, NotificationKind},
        preferences::QuietHours,
        wording::{Reader, changes_in, ids_in},
    },
};

/// Orders a mail about an account: writes it and its outbox message.
pub async fn order(tx: &mut Tx, user_id: Uuid, kind: EmailKind) -> Result<()> {
    let id = Uuid::now_v7();
    sqlx::query!("INSERT INTO emails (id, user_id, kind) VALUES ($1, $2, $3)", id, user_id, kind.as_str())
        .execute(&mut **tx)
        .await?;
    outbox::add(tx, Topic::Emails, json!({ "email_id": id })).await
}

/// Writes an outbox message about no mail at all, which its consumer skips: who asks for a mail to an unknown address waits as long
/// as who asks for one to a known address.
pub async fn pretend(tx: &mut Tx) -> Result<()> {
    outbox::add(tx, Topic::Emails, json!({ "email_id": Uuid::now_v7() })).await
}

/// For each of these people the id of the mail that gathers what happens to a task: the one that is open, or a new one, which is due
/// after this time. Without a task, a new one for each. Call it with their inboxes locked, so that none is sealed meanwhile.
pub async fn gather(
    tx: &mut Tx,
    user_ids: &[Uuid],
    task_id: Option<Uuid>,
    after: Duration,
) -> Result<HashMap<Uuid, Uuid>> {
    let new_ids = || user_ids.iter().map(|_| Uuid::now_v7()).collect::<Vec<Uuid>>();
    let mails = sqlx::query!(
        r#"WITH wanted AS (SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::uuid[]) AS w (user_id, id, message_id)),
                open AS (SELECT user_id, id FROM emails WHERE user_id = ANY($1) AND task_id = $4 AND sealed_at IS NULL),
                new AS (INSERT INTO emails (id, user_id, kind, task_id)
                        SELECT id, user_id, $5, $4 FROM wanted WHERE user_id NOT IN (SELECT user_id FROM open) RETURNING user_id, id),
                message AS (INSERT INTO outbox (id, queue, payload, due_at)
                            SELECT w.message_id, 'emails', jsonb_build_object('email_id', id), now() + make_interval(secs => $6)
                            FROM wanted w JOIN new USING (user_id, id) RETURNING id, due_at)
           SELECT user_id AS "user_id?", id AS "id!", NULL::timestamptz AS due_at FROM open
           UNION ALL SELECT user_id, id, NULL FROM new
           UNION ALL SELECT NULL, id, due_at FROM message"#,
        user_ids,
        &new_ids(),
        &new_ids(),
        task_id,
        EmailKind::Notifications.as_str(),
        after.as_secs_f64(),
    )
    .fetch_all(&mut **tx)
    .await?;
    let of_people = mails.iter().filter_map(|row| Some((row.user_id?, row.id))).collect();
    let messages =
        mails.iter().filter_map(|row| Some(outbox::Message { id: row.id, topic: Topic::Emails, due_at: row.due_at? }));
    tx.enqueue(messages);
    Ok(of_people)
}

/// A mail that is still to be sent.
pub struct Due {
    /// Its id.
    pub id: Uuid,
    /// What it is about.
    pub kind: String,
    /// The task that it is about.
    pub task_id: Option<Uuid>,
    /// Of a summary: where what it tells begins.
    pub since: Option<(DateTime<Utc>, i64)>,
    /// When it was ordered.
    pub ordered_at: DateTime<Utc>,
    /// To whom.
    pub user_id: Uuid,
    /// Where to.
    pub address: String,
    /// Whether they confirmed the address.
    pub verified: bool,
    /// Their name.
    pub name: String,
    /// An IANA name.
    pub time_zone: String,
    /// When they are left in peace.
    pub quiet_hours: Option<QuietHours>,
    /// How they want to be told of each kind.
    pub kinds: ChannelPreferences,
}

/// The mail with this id, locked until the transaction ends; nothing if it has been sent, was refused for good, or its person is
/// no longer active. (`NO KEY`: it must not wait for `notify`, which lets notifications refer to it.)
pub async fn lock_due(conn: &mut PgConnection, id: Uuid) -> Result<Option<Due>> {
    let due = sqlx::query!(
        r#"SELECT e.id, e.kind, e.task_id, e.since, e.since_seq, e.created_at, e.user_id, u.email AS address, u.email_verified_at IS NOT NULL AS "verified!", u.name,
                  u.time_zone, p.kinds AS "kinds?", p.quiet_from AS "quiet_from?", p.quiet_to AS "quiet_to?"
           FROM emails e JOIN users u ON u.id = e.user_id LEFT JOIN notification_preferences p ON p.user_id = u.id
           WHERE e.id = $1 AND e.sent_at IS NULL AND e.failed_at IS NULL AND u.active
           FOR NO KEY UPDATE OF e"#,
        id,
    )
    .map(|row| Due {
        id: row.id,
        kind: row.kind,
        task_id: row.task_id,
        since: row.since.zip(row.since_seq),
        ordered_at: row.created_at,
        user_id: row.user_id,
        address: row.address,
        verified: row.verified,
        name: row.name,
        time_zone: row.time_zone,
        quiet_hours: QuietHours::from_columns(row.quiet_from, row.quiet_to),
        kinds: row.kinds.as_ref().map_or_else(ChannelPreferences::default, ChannelPreferences::from_stored),
    })
    .fetch_optional(conn)
    .await?;
    Ok(due)
}

/// Seals a mail: it gathers nothing more. Commit that before it is sent, so that every try says the same.
pub async fn seal(conn: &mut PgConnection, id: Uuid) -> Result<()> {
    sqlx::query!(
        "SELECT user_id FROM inboxes WHERE user_id = (SELECT user_id FROM emails WHERE id = $1) FOR UPDATE",
        id
    )
    .fetch_optional(&mut *conn)
    .await?;
    sqlx::query!("UPDATE emails SET sealed_at = COALESCE(sealed_at, now()) WHERE id = $1", id).execute(conn).await?;
    Ok(())
}

/// What a sealed mail tells of, oldest first: what its person may still see, in the words that they may read now. Nothing of it is
/// stored as it is said: who may no longer see a project that a task came from does not read its name.
pub async fn items(conn: &mut PgConnection, id: Uuid, user_id: Uuid, zone: Tz) -> Result<Vec<EmailItem>> {
    let rows = sqlx::query!(
        r#"SELECT kind AS "kind!", title AS "title!", body AS "body!", data AS "data!" FROM readable_notifications
           WHERE email_id = $1 AND visible ORDER BY seq"#,
        id,
    )
    .fetch_all(&mut *conn)
    .await?;
    let changes: Vec<_> = rows.iter().map(|row| changes_in(&row.data)).collect();
    let ids: Vec<Uuid> = changes.iter().flat_map(|changes| ids_in(changes)).collect();
    let reader = Reader { zone, names: &names::seen_by(conn, user_id, &ids).await? };
    let items = rows.into_iter().zip(changes).map(|(row, changes)| {
        let kind: NotificationKind = row.kind.parse()?;
        let due_at = row.data["due_at"].as_str().and_then(|time| time.parse().ok());
        Ok(EmailItem { kind, title: row.title, body: row.body, details: reader.details(kind, &changes, due_at) })
    });
    items.collect()
}

/// Notes that the server accepted it, and so that the address works.
pub async fn mark_sent(conn: &mut PgConnection, id: Uuid) -> Result<()> {
    sqlx::query!(
        "WITH sent AS (UPDATE emails SET sent_at = now(), error = NULL WHERE id = $1 RETURNING user_id)
         UPDATE users SET email_refusals = 0 WHERE id = (SELECT user_id FROM sent) AND email_refusals > 0",
        id,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Notes that the server refused it for good, at the mail and at the person's address. It speaks against the address only if it
/// is the `mailbox` that does not exist or takes nothing.
pub async fn mark_refused(conn: &mut PgConnection, id: Uuid, error: &str, mailbox: bool) -> Result<()> {
    sqlx::query!(
        "WITH refused AS (UPDATE emails SET failed_at = now(), error = $2 WHERE id = $1 RETURNING user_id)
         UPDATE users SET email_refusals = LEAST(email_refusals + $3::boolean::integer, 1000), email_refusal = $2,
                          email_refused_at = now()
         WHERE id = (SELECT user_id FROM refused)",
        id,
        error,
        mailbox,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Notes that it is not sent, and why, unless it was sent or refused before.
pub async fn withdraw(conn: &mut PgConnection, id: Uuid, reason: &str) -> Result<()> {
    sqlx::query!(
        "UPDATE emails SET failed_at = now(), error = $2 WHERE id = $1 AND sent_at IS NULL AND failed_at IS NULL",
        id,
        reason,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// How many mails of a kind a person was sent in the last hour. Locks the account, so that requests at the same time count one another.
pub async fn count_last_hour(conn: &mut PgConnection, user_id: Uuid, kind: EmailKind) -> Result<i64> {
    sqlx::query!("SELECT 1 AS one FROM users WHERE id = $1 FOR NO KEY UPDATE", user_id)
        .fetch_optional(&mut *conn)
        .await?;
    let count = sqlx::query_scalar!(
        r#"SELECT count(*) AS "count!" FROM emails
           WHERE user_id = $1 AND kind = $2 AND created_at > now() - interval '1 hour'"#,
        user_id,
        kind.as_str(),
    )
    .fetch_one(conn)
    .await?;
    Ok(count)
}

//! E-mails: one row each, which remembers that it was sent.

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
        delivery::DeliverySettings,
        email::{EmailItem, EmailKind},
        notification_kind::NotificationKind,
        wording::{Reader, changes_in, ids_in},
    },
};

/// Enqueues an e-mail about an account: writes it and its outbox message.
pub async fn enqueue(tx: &mut Tx, user_id: Uuid, kind: EmailKind) -> Result<()> {
    let id = Uuid::now_v7();
    sqlx::query!("INSERT INTO emails (id, user_id, kind) VALUES ($1, $2, $3)", id, user_id, kind.as_str())
        .execute(&mut **tx)
        .await?;
    outbox::add(tx, Topic::Emails, json!({ "email_id": id })).await
}

/// Enqueues a message about no e-mail, which its consumer skips: a request for an e-mail takes as long for an unknown
/// address as for a known one.
pub async fn enqueue_decoy(tx: &mut Tx) -> Result<()> {
    outbox::add(tx, Topic::Emails, json!({ "email_id": Uuid::now_v7() })).await
}

/// Returns for each of these people the id of the e-mail that gathers what happens to a task: the open one, or a new
/// one, which is due `after` this time. Without a task, a new one for each. The inboxes must be locked, so that no
/// e-mail is sealed meanwhile.
pub async fn gather(
    tx: &mut Tx,
    user_ids: &[Uuid],
    task_id: Option<Uuid>,
    after: Duration,
) -> Result<HashMap<Uuid, Uuid>> {
    let new_ids = || user_ids.iter().map(|_| Uuid::now_v7()).collect::<Vec<Uuid>>();
    let emails = sqlx::query!(
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
    let ids = emails.iter().filter_map(|row| Some((row.user_id?, row.id))).collect();
    let messages =
        emails.iter().filter_map(|row| Some(outbox::Message { id: row.id, topic: Topic::Emails, due_at: row.due_at? }));
    tx.enqueue(messages);
    Ok(ids)
}

/// An e-mail that is still to be sent.
pub struct Due {
    /// Its id.
    pub id: Uuid,
    /// Its kind.
    pub kind: EmailKind,
    /// The task that it is about.
    pub task_id: Option<Uuid>,
    /// Of a summary: the time and the `seq` after which its content begins.
    pub since: Option<(DateTime<Utc>, i64)>,
    /// When it was enqueued.
    pub enqueued_at: DateTime<Utc>,
    /// The recipient.
    pub user_id: Uuid,
    /// Their address.
    pub address: String,
    /// Their name.
    pub name: String,
    /// How they want to be notified. E-mails reach them if they confirmed the address.
    pub settings: DeliverySettings,
}

/// Returns the e-mail with this id, locked until the transaction ends. `None` if it has been sent, was refused for
/// good, or its recipient is no longer active. (`NO KEY`: it must not wait for `notify`, whose notifications refer to
/// it.)
pub async fn lock_due(conn: &mut PgConnection, id: Uuid) -> Result<Option<Due>> {
    let due = sqlx::query!(
        r#"SELECT e.id, e.kind, e.task_id, e.since, e.since_seq, e.created_at, e.user_id, u.email AS address, u.email_verified_at IS NOT NULL AS "verified!", u.name,
                  u.time_zone, p.kinds AS "kinds?", p.quiet_from AS "quiet_from?", p.quiet_to AS "quiet_to?"
           FROM emails e JOIN users u ON u.id = e.user_id LEFT JOIN notification_preferences p ON p.user_id = u.id
           WHERE e.id = $1 AND e.sent_at IS NULL AND e.failed_at IS NULL AND u.active
           FOR NO KEY UPDATE OF e"#,
        id,
    )
    .fetch_optional(conn)
    .await?;
    let due = due.map(|row| {
        Ok(Due {
            id: row.id,
            kind: row.kind.parse()?,
            task_id: row.task_id,
            since: row.since.zip(row.since_seq),
            enqueued_at: row.created_at,
            user_id: row.user_id,
            address: row.address,
            name: row.name,
            settings: DeliverySettings::from_columns(
                row.kinds.as_ref(),
                (row.quiet_from, row.quiet_to),
                &row.time_zone,
                row.verified,
            ),
        })
    });
    due.transpose()
}

/// Seals an e-mail: it gathers nothing more. Commit this before it is sent, so that every try has the same content.
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

/// Returns the content of a sealed e-mail, oldest first: what its recipient may still see, in words that they may read
/// now. The text is not stored: a recipient who may no longer see a project that a task came from does not read its
/// name.
pub async fn items(conn: &mut PgConnection, id: Uuid, user_id: Uuid, zone: Tz) -> Result<Vec<EmailItem>> {
    let rows = sqlx::query!(
        r#"SELECT kind AS "kind!", task_key, title AS "title!", body AS "body!", data AS "data!"
           FROM readable_notifications WHERE email_id = $1 AND visible ORDER BY seq"#,
        id,
    )
    .fetch_all(&mut *conn)
    .await?;
    let changes: Vec<_> = rows.iter().map(|row| changes_in(&row.data)).collect();
    let ids: Vec<Uuid> = changes.iter().flat_map(|changes| ids_in(changes)).collect();
    let reader = Reader { zone, names: &names::visible(conn, user_id, &ids).await? };
    let items = rows.into_iter().zip(changes).map(|(row, changes)| {
        let kind: NotificationKind = row.kind.parse()?;
        let due_at = row.data["due_at"].as_str().and_then(|time| time.parse().ok());
        let details = reader.details(kind, &changes, due_at);
        Ok(EmailItem { kind, task_key: row.task_key, title: row.title, body: row.body, details })
    });
    items.collect()
}

/// Marks an e-mail as sent: the server accepted it, and so the address works.
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

/// Marks an e-mail as refused for good, at the e-mail and at the person's address. The refusal counts against the
/// address only if the `mailbox` does not exist or accepts nothing.
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

/// Marks an e-mail as not sent, and why, unless it was sent or refused before.
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

/// Returns the number of e-mails of a kind that were enqueued for a person in the last hour. Locks the account, so that
/// concurrent requests count one another.
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

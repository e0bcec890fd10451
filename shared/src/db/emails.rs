//! Mails: one row each, which remembers that it was sent.

use serde_json::json;
use sqlx::PgConnection;
use uuid::Uuid;

use super::outbox::{self, Topic};
use crate::{Result, mail::Kind, queue::Message};

/// Orders a mail: writes it and its outbox message. Send the message after the commit.
pub async fn order(conn: &mut PgConnection, user_id: Uuid, kind: Kind) -> Result<Message> {
    let id = Uuid::now_v7();
    sqlx::query!("INSERT INTO emails (id, user_id, kind) VALUES ($1, $2, $3)", id, user_id, kind.as_str())
        .execute(&mut *conn)
        .await?;
    outbox::add(conn, Topic::Emails, json!({ "email_id": id })).await
}

/// A mail that is still to be sent.
pub struct Due {
    /// Its id.
    pub id: Uuid,
    /// What it is about.
    pub kind: String,
    /// To whom.
    pub user_id: Uuid,
    /// Where to.
    pub address: String,
    /// Their name.
    pub name: String,
}

/// Whether the mail with this id is still to be sent.
pub async fn find_due(conn: &mut PgConnection, id: Uuid) -> Result<Option<Due>> {
    let due = sqlx::query_as!(
        Due,
        "SELECT e.id, e.kind, e.user_id, u.email AS address, u.name
         FROM emails e JOIN users u ON u.id = e.user_id
         WHERE e.id = $1 AND e.sent_at IS NULL AND e.failed_at IS NULL AND u.active",
        id,
    )
    .fetch_optional(conn)
    .await?;
    Ok(due)
}

/// The mail with this id, locked until the transaction ends; nothing if it has been sent, was refused for good, or its person is
/// no longer active.
pub async fn lock_due(conn: &mut PgConnection, id: Uuid) -> Result<Option<Due>> {
    let due = sqlx::query_as!(
        Due,
        "SELECT e.id, e.kind, e.user_id, u.email AS address, u.name
         FROM emails e JOIN users u ON u.id = e.user_id
         WHERE e.id = $1 AND e.sent_at IS NULL AND e.failed_at IS NULL AND u.active
         FOR UPDATE OF e",
        id,
    )
    .fetch_optional(conn)
    .await?;
    Ok(due)
}

/// Notes that the server accepted it.
pub async fn mark_sent(conn: &mut PgConnection, id: Uuid) -> Result<()> {
    sqlx::query!("UPDATE emails SET sent_at = now(), error = NULL WHERE id = $1", id).execute(conn).await?;
    Ok(())
}

/// Notes that the server refused it for good.
pub async fn mark_failed(conn: &mut PgConnection, id: Uuid, error: &str) -> Result<()> {
    sqlx::query!("UPDATE emails SET failed_at = now(), error = $2 WHERE id = $1", id, error).execute(conn).await?;
    Ok(())
}

/// How many mails of a kind somebody was sent in the last hour.
pub async fn count_last_hour(conn: &mut PgConnection, user_id: Uuid, kind: Kind) -> Result<i64> {
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

/// Writes an outbox message about no mail at all, which its consumer skips: who asks for a mail to an unknown address waits as long
/// as who asks for one to a known address.
pub async fn pretend(conn: &mut PgConnection) -> Result<Message> {
    outbox::add(conn, Topic::Emails, json!({ "email_id": Uuid::now_v7() })).await
}

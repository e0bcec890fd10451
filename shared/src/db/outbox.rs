//! The outbox: what is to be sent to a queue, written in the transaction of the change that it tells of.

use serde_json::Value;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::{Result, queue::Message};

/// A queue that the outbox sends to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Topic {
    /// Changes, for `notify`.
    Events,
    /// Mails, for `send-email`.
    Emails,
}

impl Topic {
    fn name(self) -> &'static str {
        match self {
            Self::Events => "events",
            Self::Emails => "emails",
        }
    }
}

/// Writes a message that is to be sent after the commit.
pub async fn add(conn: &mut PgConnection, topic: Topic, payload: Value) -> Result<Message> {
    let id = Uuid::now_v7();
    sqlx::query!("INSERT INTO outbox (id, queue, payload) VALUES ($1, $2, $3)", id, topic.name(), payload)
        .execute(conn)
        .await?;
    Ok(Message { id, body: payload.to_string() })
}

/// Marks messages as sent.
pub async fn mark_sent(conn: &mut PgConnection, ids: &[Uuid]) -> Result<()> {
    sqlx::query!("UPDATE outbox SET sent_at = now() WHERE id = ANY($1)", ids).execute(conn).await?;
    Ok(())
}

/// At most `limit` messages that were left behind for ten seconds or more, oldest first, locked until the transaction ends. Others
/// who ask meanwhile get other messages.
pub async fn claim_unsent(conn: &mut PgConnection, topic: Topic, limit: i64) -> Result<Vec<Message>> {
    let messages = sqlx::query!(
        "SELECT id, payload FROM outbox
         WHERE queue = $1 AND sent_at IS NULL AND created_at < now() - interval '10 seconds'
         ORDER BY id LIMIT $2 FOR UPDATE SKIP LOCKED",
        topic.name(),
        limit,
    )
    .map(|row| Message { id: row.id, body: row.payload.to_string() })
    .fetch_all(conn)
    .await?;
    Ok(messages)
}

//! The outbox: messages to queues, written in the transaction of the change that they are about.
//!
//! A message in a queue is only the id of its row here. The row is finished when the consumer marks it as handled. The
//! relay sends messages again that a queue did not accept, or lost.

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::PgConnection;
use uuid::Uuid;

use super::Tx;
pub use crate::queue::{Message, Topic};
use crate::{Result, domain::event::Event, queue::MAX_DELAY};

/// Adds an event that is due now.
pub async fn add_event(tx: &mut Tx, event: &Event) -> Result<()> {
    add(tx, Topic::Events, serde_json::json!(event)).await
}

/// Adds a message that is due now.
pub async fn add(tx: &mut Tx, topic: Topic, payload: Value) -> Result<()> {
    let message = write(tx, topic, payload, Utc::now()).await?;
    tx.enqueue([message]);
    Ok(())
}

/// Records events that a statement added under these ids, due now.
pub(super) fn enqueue_events(tx: &mut Tx, ids: &[Uuid]) {
    let due_at = Utc::now();
    tx.enqueue(ids.iter().map(|&id| Message { id, topic: Topic::Events, due_at }));
}

/// Adds an event that is due at a time. Only the relay sends it.
pub async fn schedule_event(conn: &mut PgConnection, event: &Event, due_at: DateTime<Utc>) -> Result<()> {
    write(conn, Topic::Events, serde_json::json!(event), due_at).await?;
    Ok(())
}

async fn write(conn: &mut PgConnection, topic: Topic, payload: Value, due_at: DateTime<Utc>) -> Result<Message> {
    let id = Uuid::now_v7();
    sqlx::query!(
        "INSERT INTO outbox (id, queue, payload, due_at) VALUES ($1, $2, $3, $4)",
        id,
        topic.name(),
        payload,
        due_at,
    )
    .execute(conn)
    .await?;
    Ok(Message { id, topic, due_at })
}

/// Returns at most `limit` messages that are due and not finished, locked until the transaction ends: thirty seconds
/// after their function should have sent them, or `resend_after` after the relay did, which doubles each time.
/// Concurrent calls return different messages. Messages that were due later than a queue can delay are sent only by
/// the relay, without the thirty seconds.
pub async fn claim_unsent(
    conn: &mut PgConnection,
    topic: Topic,
    limit: i64,
    resend_after: Duration,
) -> Result<Vec<Message>> {
    let messages = sqlx::query!(
        "SELECT id, due_at FROM outbox
         WHERE queue = $1 AND handled_at IS NULL AND due_at <= now()
           AND CASE WHEN sent_at IS NULL
                    THEN due_at > created_at + make_interval(secs => $4)
                         OR greatest(created_at, due_at) < now() - interval '30 seconds'
                    ELSE greatest(sent_at, due_at)
                         < now() - make_interval(secs => $3 * power(2, least(greatest(sends, 1), 12) - 1)) END
         ORDER BY due_at LIMIT $2 FOR UPDATE SKIP LOCKED",
        topic.name(),
        limit,
        resend_after.as_secs_f64(),
        MAX_DELAY.as_secs_f64(),
    )
    .map(|row| Message { id: row.id, topic, due_at: row.due_at })
    .fetch_all(conn)
    .await?;
    Ok(messages)
}

/// Marks messages that the relay has claimed as accepted by the queue.
pub async fn mark_sent(conn: &mut PgConnection, ids: &[Uuid]) -> Result<()> {
    sqlx::query!("UPDATE outbox SET sent_at = now(), sends = sends + 1 WHERE id = ANY($1)", ids).execute(conn).await?;
    Ok(())
}

/// Returns the payload of a message, or `None` if its row is finished. The row is locked until the transaction ends; a
/// second delivery of the message waits here for the first.
pub async fn lock(conn: &mut PgConnection, topic: Topic, id: Uuid) -> Result<Option<Value>> {
    let payload = sqlx::query_scalar!(
        "SELECT payload FROM outbox WHERE id = $1 AND queue = $2 AND handled_at IS NULL FOR UPDATE",
        id,
        topic.name(),
    )
    .fetch_optional(conn)
    .await?;
    Ok(payload)
}

/// Like [`lock`], but does not wait. Returns `false` if the row is finished, or locked by another.
pub async fn try_lock(conn: &mut PgConnection, id: Uuid) -> Result<bool> {
    let row =
        sqlx::query_scalar!("SELECT id FROM outbox WHERE id = $1 AND handled_at IS NULL FOR UPDATE SKIP LOCKED", id,)
            .fetch_optional(conn)
            .await?;
    Ok(row.is_some())
}

/// Records when the queue delivers a message again that its consumer could not handle: the relay does not send it
/// before.
pub async fn record_retry(conn: &mut PgConnection, id: Uuid, at: DateTime<Utc>) -> Result<()> {
    sqlx::query!("UPDATE outbox SET sent_at = $2 WHERE id = $1 AND handled_at IS NULL", id, at).execute(conn).await?;
    Ok(())
}

/// Postpones a message until `due_at`. The relay sends it then.
pub async fn postpone(conn: &mut PgConnection, id: Uuid, due_at: DateTime<Utc>) -> Result<()> {
    sqlx::query!("UPDATE outbox SET due_at = $2, sent_at = NULL, sends = 0 WHERE id = $1", id, due_at)
        .execute(conn)
        .await?;
    Ok(())
}

/// Marks a message as handled by its consumer.
pub async fn mark_handled(conn: &mut PgConnection, id: Uuid) -> Result<()> {
    sqlx::query!("UPDATE outbox SET handled_at = now() WHERE id = $1", id).execute(conn).await?;
    Ok(())
}

//! The outbox: what is to be sent to a queue, written in the transaction of the change that it tells of.
//!
//! A message in a queue is only the id of its row here. The row is finished when the consumer says so; what a queue did not take, or
//! lost, the relay sends again.

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::{Result, domain::event::Event};

/// The longest that SQS delays a message. What is due later, the relay sends.
pub(crate) const MAX_DELAY: Duration = Duration::from_mins(15);

/// A queue that the outbox sends to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Topic {
    /// Changes, for `notify`.
    Events,
    /// Mails, for `send-email`.
    Emails,
    /// Reports, for `make-report`.
    Reports,
}

impl Topic {
    /// Every queue.
    pub const ALL: [Self; 3] = [Self::Events, Self::Emails, Self::Reports];

    fn name(self) -> &'static str {
        match self {
            Self::Events => "events",
            Self::Emails => "emails",
            Self::Reports => "reports",
        }
    }
}

/// A row that is to be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Message {
    /// The row's id: of an event, the event's.
    pub id: Uuid,
    /// Where to.
    pub topic: Topic,
    /// When it is due.
    pub due_at: DateTime<Utc>,
}

/// Messages that a transaction wrote, to be sent after its commit. If that fails the relay sends them.
#[derive(Debug, Default)]
#[must_use = "send it after the commit"]
pub struct Outgoing(pub Vec<Message>);

impl Outgoing {
    /// These and others.
    pub fn and(mut self, others: Self) -> Self {
        self.0.extend(others.0);
        self
    }

    /// Events of these ids, which are due now.
    pub(super) fn events(ids: &[Uuid]) -> Self {
        let due_at = Utc::now();
        Self(ids.iter().map(|&id| Message { id, topic: Topic::Events, due_at }).collect())
    }
}

/// Writes an event that is due at a time, or now.
pub async fn add_event(conn: &mut PgConnection, event: &Event, due_at: Option<DateTime<Utc>>) -> Result<Outgoing> {
    add(conn, Topic::Events, serde_json::json!(event), due_at).await
}

/// Writes a message that is due at a time, or now.
pub async fn add(
    conn: &mut PgConnection,
    topic: Topic,
    payload: Value,
    due_at: Option<DateTime<Utc>>,
) -> Result<Outgoing> {
    let (id, due_at) = (Uuid::now_v7(), due_at.unwrap_or_else(Utc::now));
    sqlx::query!(
        "INSERT INTO outbox (id, queue, payload, due_at) VALUES ($1, $2, $3, $4)",
        id,
        topic.name(),
        payload,
        due_at,
    )
    .execute(conn)
    .await?;
    Ok(Outgoing(vec![Message { id, topic, due_at }]))
}

/// At most `limit` messages that are due and that nobody finished: thirty seconds after whoever wrote them should have sent them, or
/// `resend_after` after the relay did, which doubles with each time; locked until the transaction ends. Others who ask meanwhile get
/// other messages. What was due later than a queue delays, only the relay sends, at once.
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

/// Notes that the queue took these from the relay, which has claimed them.
pub async fn mark_sent(conn: &mut PgConnection, ids: &[Uuid]) -> Result<()> {
    sqlx::query!("UPDATE outbox SET sent_at = now(), sends = sends + 1 WHERE id = ANY($1)", ids).execute(conn).await?;
    Ok(())
}

/// What a message says whose row is not finished yet. The row is locked until the transaction ends; a message that comes twice
/// waits here for the first.
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

/// Like [`lock`], but does not wait: false if the row is finished, or in another's hands.
pub async fn try_lock(conn: &mut PgConnection, id: Uuid) -> Result<bool> {
    let row =
        sqlx::query_scalar!("SELECT id FROM outbox WHERE id = $1 AND handled_at IS NULL FOR UPDATE SKIP LOCKED", id,)
            .fetch_optional(conn)
            .await?;
    Ok(row.is_some())
}

/// Notes when a message is to come again that its consumer could not handle: the relay need not send it before.
pub async fn expect_again(conn: &mut PgConnection, id: Uuid, at: DateTime<Utc>) -> Result<()> {
    sqlx::query!("UPDATE outbox SET sent_at = $2 WHERE id = $1 AND handled_at IS NULL", id, at).execute(conn).await?;
    Ok(())
}

/// Lets a message wait until it is due anew. The relay sends it then.
pub async fn postpone(conn: &mut PgConnection, id: Uuid, due_at: DateTime<Utc>) -> Result<()> {
    sqlx::query!("UPDATE outbox SET due_at = $2, sent_at = NULL, sends = 0 WHERE id = $1", id, due_at)
        .execute(conn)
        .await?;
    Ok(())
}

/// Notes that the consumer is done with it.
pub async fn mark_handled(conn: &mut PgConnection, id: Uuid) -> Result<()> {
    sqlx::query!("UPDATE outbox SET handled_at = now() WHERE id = $1", id).execute(conn).await?;
    Ok(())
}

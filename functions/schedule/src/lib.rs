//! The scheduled jobs, one Lambda function each.

pub mod clean_up;
pub mod order_reports;
pub mod relay_outbox;
pub mod send_reminders;
pub mod send_summaries;

use std::time::{Duration, Instant, SystemTime};

use chrono::{DateTime, Utc};
use futures_util::future::BoxFuture;
use lambda_runtime::LambdaEvent;
use serde_json::Value;
use shared::{
    db::{Database, Tx},
    queue::Queues,
};

/// One run of a job: it ends with `reserve` of the function's time left, logs one line with what it did and how long that took, and
/// answers what it did. `work` gets the time by which it has to end.
pub(crate) async fn one_run(
    job: &str,
    reserve: Duration,
    event: &LambdaEvent<Value>,
    work: impl AsyncFnOnce(SystemTime) -> anyhow::Result<Value>,
) -> anyhow::Result<Value> {
    let begun = Instant::now();
    let did = work(event.context.deadline().checked_sub(reserve).unwrap_or_else(SystemTime::now)).await?;
    tracing::info!(%did, duration_ms = begun.elapsed().as_secs_f64() * 1000.0, "{job}");
    Ok(did)
}

/// Takes at most so much of what is due at a time, in a transaction, and returns how many that were.
type Take = for<'c> fn(&'c mut Tx, DateTime<Utc>, i64) -> BoxFuture<'c, shared::Result<usize>>;

/// Lets `take` take what is due at `now`, batch after batch, each in a transaction of its own, until it takes nothing or the time is
/// over. Answers how many were taken, and how many messages that gave.
pub(crate) async fn in_batches(
    db: &Database,
    queues: &Queues,
    deadline: SystemTime,
    take: Take,
    now: DateTime<Utc>,
    batch: i64,
) -> anyhow::Result<(usize, usize)> {
    let (mut due, mut messages) = (0, 0);
    while SystemTime::now() < deadline {
        let mut tx = db.begin().await?;
        let taken = take(&mut tx, now, batch).await?;
        messages += tx.enqueued().len();
        tx.commit(queues).await?;
        if taken == 0 {
            break;
        }
        due += taken;
    }
    Ok((due, messages))
}

//! The scheduled jobs. Each job is a Lambda function.

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

/// Runs a job once: calls `work` with its deadline, which leaves `reserve` of the function's time, and logs one line
/// with the result and the duration. Returns the result.
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

/// Processes what is due at a time, up to a limit, in a transaction. Returns the number of processed items.
type Take = for<'c> fn(&'c mut Tx, DateTime<Utc>, i64) -> BoxFuture<'c, shared::Result<usize>>;

/// Calls `take` for what is due at `now` in batches, each in its own transaction, until nothing is left or the
/// deadline has passed. Returns the number of processed items, and the number of messages that were enqueued.
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

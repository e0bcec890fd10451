//! The scheduled jobs, one Lambda function each.

pub mod clean_up;
pub mod relay_outbox;
pub mod send_reminders;
pub mod send_summaries;

use std::time::{Duration, Instant, SystemTime};

use lambda_runtime::LambdaEvent;
use serde_json::Value;

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

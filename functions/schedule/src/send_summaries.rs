//! Sends each person a daily summary at their own local time, unless it is empty.
//!
//! A run takes the summaries that are due, schedules the next of each, and enqueues the e-mails, in batches, until
//! none is left. After an outage, each person receives one summary, however many were missed.

use std::{
    sync::Arc,
    time::{Duration, SystemTime},
};

use chrono::{DateTime, Utc};
use futures_util::FutureExt;
use lambda_runtime::LambdaEvent;
use serde_json::{Value, json};
use shared::{
    db::{Database, outbox::Topic, summaries},
    queue::Queues,
};

use crate::{in_batches, one_run};

/// The number of people in one transaction.
const BATCH: i64 = 50;
/// The job stops when this much of the function's time is left. The next run continues.
const RESERVE: Duration = Duration::from_secs(5);

/// The job that sends daily summaries.
pub struct SendSummaries {
    db: Database,
    queues: Queues,
}

impl SendSummaries {
    /// Creates the job from the environment. Fails if a variable is missing or not valid; the error names the
    /// variable.
    pub fn from_env() -> anyhow::Result<Self> {
        Ok(Self::new(Database::from_env()?, Queues::from_env(&[Topic::Emails])?))
    }

    /// Creates the job from its parts.
    pub fn new(db: Database, queues: Queues) -> Self {
        Self { db, queues }
    }

    /// Runs the job: enqueues the summaries that are due now.
    pub async fn handle(self: Arc<Self>, event: LambdaEvent<Value>) -> anyhow::Result<Value> {
        let work = async |deadline| {
            let (due, ordered) = self.run(Utc::now(), deadline).await?;
            Ok(json!({ "due": due, "ordered": ordered }))
        };
        one_run("send-summaries", RESERVE, &event, work).await
    }

    /// Enqueues the summaries that are due at `now`, until none is left or the deadline has passed. Returns the number
    /// of summaries that were due, and the number of those that were not empty. Concurrent runs share the work.
    pub async fn run(&self, now: DateTime<Utc>, deadline: SystemTime) -> anyhow::Result<(usize, usize)> {
        in_batches(
            &self.db,
            &self.queues,
            deadline,
            |tx, now, limit| summaries::enqueue_due(tx, now, limit).boxed(),
            now,
            BATCH,
        )
        .await
    }
}

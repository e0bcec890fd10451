//! Sends each person a daily summary at their own local time, unless it is empty.
//!
//! A run takes the summaries that are due, schedules the next of each, and enqueues the e-mails, in batches, until none is left. After
//! an outage each person receives one, however many are missing.

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

/// People in one transaction.
const BATCH: i64 = 50;
/// The job ends with this much time left; the next run goes on.
const RESERVE: Duration = Duration::from_secs(5);

/// The job.
pub struct SendSummaries {
    db: Database,
    queues: Queues,
}

impl SendSummaries {
    /// Reads the environment. Fails with a message that names the variable.
    pub fn from_env() -> anyhow::Result<Self> {
        Ok(Self::new(Database::from_env()?, Queues::from_env(&[Topic::Emails])?))
    }

    /// Creates a job of these parts.
    pub fn new(db: Database, queues: Queues) -> Self {
        Self { db, queues }
    }

    /// One run.
    pub async fn handle(self: Arc<Self>, event: LambdaEvent<Value>) -> anyhow::Result<Value> {
        let work = async |deadline| {
            let (due, ordered) = self.run(Utc::now(), deadline).await?;
            Ok(json!({ "due": due, "ordered": ordered }))
        };
        one_run("send-summaries", RESERVE, &event, work).await
    }

    /// Enqueues the summaries that are due at `now`, until none is left or the time is over. Returns how many were due, and how many of
    /// them were not empty. Concurrent runs share the work.
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

//! Requests the weekly reports that managers subscribed to, at their own local time.
//!
//! A run takes the subscriptions that are due, schedules the next report of each, and requests the reports, in
//! batches, until none is left. After an outage of several weeks, each subscription gets only the latest report.

use std::{
    sync::Arc,
    time::{Duration, SystemTime},
};

use chrono::{DateTime, Utc};
use futures_util::FutureExt;
use lambda_runtime::LambdaEvent;
use serde_json::{Value, json};
use shared::{
    db::{Database, outbox::Topic, report_subscriptions},
    queue::Queues,
};

use crate::{in_batches, one_run};

/// The number of subscriptions in one transaction.
const BATCH: i64 = 50;
/// The job stops when this much of the function's time is left. The next run continues.
const RESERVE: Duration = Duration::from_secs(5);

/// The job that requests weekly reports.
pub struct OrderReports {
    db: Database,
    queues: Queues,
}

impl OrderReports {
    /// Creates the job from the environment. Fails if a variable is missing or not valid; the error names the
    /// variable.
    pub fn from_env() -> anyhow::Result<Self> {
        Ok(Self::new(Database::from_env()?, Queues::from_env(&[Topic::Reports])?))
    }

    /// Creates the job from its parts.
    pub fn new(db: Database, queues: Queues) -> Self {
        Self { db, queues }
    }

    /// Runs the job: requests the reports that are due now.
    pub async fn handle(self: Arc<Self>, event: LambdaEvent<Value>) -> anyhow::Result<Value> {
        let work = async |deadline| {
            let (due, ordered) = self.run(Utc::now(), deadline).await?;
            Ok(json!({ "due": due, "ordered": ordered }))
        };
        one_run("order-reports", RESERVE, &event, work).await
    }

    /// Requests the reports that are due at `now`, until none is left or the deadline has passed. Returns the number
    /// of subscriptions that were due, and the number of requested reports. Concurrent runs share the work.
    pub async fn run(&self, now: DateTime<Utc>, deadline: SystemTime) -> anyhow::Result<(usize, usize)> {
        in_batches(
            &self.db,
            &self.queues,
            deadline,
            |tx, now, limit| report_subscriptions::fire(tx, now, limit).boxed(),
            now,
            BATCH,
        )
        .await
    }
}

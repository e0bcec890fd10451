//! Reminds people of deadlines.
//!
//! A run takes the reminders that are due and schedules the next ones, in batches, until none is left. The events are
//! written to the outbox in the transaction of the batch, so a run that fails leaves only complete batches, and the
//! next run continues. After an outage, several missed reminders of a task become one, and completed tasks get none.

use std::{
    sync::Arc,
    time::{Duration, SystemTime},
};

use chrono::{DateTime, Utc};
use futures_util::FutureExt;
use lambda_runtime::LambdaEvent;
use serde_json::{Value, json};
use shared::{
    db::{Database, outbox::Topic, reminders},
    queue::Queues,
};

use crate::{in_batches, one_run};

/// The number of reminders in one transaction.
const BATCH: i64 = 500;
/// The job stops when this much of the function's time is left. The next run continues.
const RESERVE: Duration = Duration::from_secs(5);

/// The job that sends reminders.
pub struct SendReminders {
    db: Database,
    queues: Queues,
}

impl SendReminders {
    /// Creates the job from the environment. Fails if a variable is missing or not valid; the error names the
    /// variable.
    pub fn from_env() -> anyhow::Result<Self> {
        Ok(Self::new(Database::from_env()?, Queues::from_env(&[Topic::Events])?))
    }

    /// Creates the job from its parts.
    pub fn new(db: Database, queues: Queues) -> Self {
        Self { db, queues }
    }

    /// Runs the job: sends the reminders that are due now.
    pub async fn handle(self: Arc<Self>, event: LambdaEvent<Value>) -> anyhow::Result<Value> {
        let work = async |deadline| Ok(json!({ "reminded": self.run(Utc::now(), deadline).await? }));
        one_run("send-reminders", RESERVE, &event, work).await
    }

    /// Sends the reminders that are due at `now`, until none is left or the deadline has passed. Returns the number of
    /// reminders. Concurrent runs share the work.
    pub async fn run(&self, now: DateTime<Utc>, deadline: SystemTime) -> anyhow::Result<usize> {
        let (db, queues) = (&self.db, &self.queues);
        let (reminded, _) =
            in_batches(db, queues, deadline, |tx, now, limit| reminders::fire(tx, now, limit).boxed(), now, BATCH)
                .await?;
        Ok(reminded)
    }
}

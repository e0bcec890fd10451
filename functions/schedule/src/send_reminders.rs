//! Reminds people of deadlines.
//!
//! A run takes what is due and plans what comes next, in batches, until nothing is left; the events stand in the outbox before a
//! batch is committed. One that dies has done whole batches, and the next run goes on. After an outage several moments that passed are
//! one reminder, and what was finished meanwhile is none.

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

/// Reminders taken in one transaction.
const BATCH: i64 = 500;
/// The job ends with this much time left; the next run goes on.
const RESERVE: Duration = Duration::from_secs(5);

/// The job.
pub struct SendReminders {
    db: Database,
    queues: Queues,
}

impl SendReminders {
    /// Reads the environment. Fails with a message that names the variable.
    pub fn from_env() -> anyhow::Result<Self> {
        Ok(Self::new(Database::from_env()?, Queues::from_env(&[Topic::Events])?))
    }

    /// A job of these parts.
    pub fn new(db: Database, queues: Queues) -> Self {
        Self { db, queues }
    }

    /// One run.
    pub async fn handle(self: Arc<Self>, event: LambdaEvent<Value>) -> anyhow::Result<Value> {
        let work = async |deadline| Ok(json!({ "reminded": self.run(Utc::now(), deadline).await? }));
        one_run("send-reminders", RESERVE, &event, work).await
    }

    /// Sends what is due at `now`, until nothing is left or the time is over, and answers how many reminders that were. Two runs at
    /// once share the work.
    pub async fn run(&self, now: DateTime<Utc>, deadline: SystemTime) -> anyhow::Result<usize> {
        let (db, queues) = (&self.db, &self.queues);
        let (reminded, _) =
            in_batches(db, queues, deadline, |tx, now, limit| reminders::fire(tx, now, limit).boxed(), now, BATCH)
                .await?;
        Ok(reminded)
    }
}

//! Sends each person a daily summary at their own local time, if there is something to say.
//!
//! A run takes who is due, plans the next for each, and orders the mails, in batches, until nobody is left. After an outage each
//! person gets one, however many times of day have passed.

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

    /// A job of these parts.
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

    /// Orders the summaries that are due at `now`, until none is left or the time is over. Answers how many were due, and for how many
    /// of them there was something to say. Two runs at once share the work.
    pub async fn run(&self, now: DateTime<Utc>, deadline: SystemTime) -> anyhow::Result<(usize, usize)> {
        in_batches(
            &self.db,
            &self.queues,
            deadline,
            |tx, now, limit| summaries::fire(tx, now, limit).boxed(),
            now,
            BATCH,
        )
        .await
    }
}

//! Asks for the reports that managers subscribed to, each week at their own local time.
//!
//! A run takes what is due, plans the next of each, and asks for the reports, in batches, until nothing is left. After an outage of
//! weeks each subscription gives the report of the last.

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

/// Subscriptions in one transaction.
const BATCH: i64 = 50;
/// The job ends with this much time left; the next run goes on.
const RESERVE: Duration = Duration::from_secs(5);

/// The job.
pub struct OrderReports {
    db: Database,
    queues: Queues,
}

impl OrderReports {
    /// Reads the environment. Fails with a message that names the variable.
    pub fn from_env() -> anyhow::Result<Self> {
        Ok(Self::new(Database::from_env()?, Queues::from_env(&[Topic::Reports])?))
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
        one_run("order-reports", RESERVE, &event, work).await
    }

    /// Asks for what is due at `now`, until nothing is left or the time is over. Answers how many subscriptions were due, and how many
    /// reports were asked for. Two runs at once share the work.
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

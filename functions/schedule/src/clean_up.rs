//! Deletes old data: the trash, used and expired secrets, and records of requests, e-mails and messages.

use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, SystemTime},
};

use chrono::{DateTime, Utc};
use lambda_runtime::LambdaEvent;
use serde_json::{Value, json};
use shared::{
    db::{
        Database,
        clean_up::{self, Expired},
        reports,
    },
    queue::Queues,
    storage::Storage,
};

use crate::one_run;

/// The job begins no batch when less than this much of the function's time is left. The next run continues.
const RESERVE: Duration = Duration::from_secs(15);
/// The number of reports that are deleted, with their files, in one transaction.
const REPORTS: i64 = 100;

/// The job that deletes old data.
pub struct CleanUp {
    db: Database,
    storage: Storage,
}

impl CleanUp {
    /// Creates the job from the environment. Fails if a variable is missing or not valid; the error names the
    /// variable.
    pub fn from_env() -> anyhow::Result<Self> {
        Ok(Self::new(Database::from_env()?, Storage::from_env()?))
    }

    /// Creates the job from its parts.
    pub fn new(db: Database, storage: Storage) -> Self {
        Self { db, storage }
    }

    /// Runs the job: deletes old data until none is left or the time is over.
    pub async fn handle(self: Arc<Self>, event: LambdaEvent<Value>) -> anyhow::Result<Value> {
        let work = async |deadline| Ok(json!({ "deleted": self.run(Utc::now(), deadline).await? }));
        one_run("clean-up", RESERVE, &event, work).await
    }

    /// Deletes the data that is old at `now` in batches, until none is left or the deadline has passed. Returns the
    /// number of deleted rows of each table, without rows that were deleted by cascade. Concurrent runs share the
    /// work.
    pub async fn run(&self, now: DateTime<Utc>, deadline: SystemTime) -> anyhow::Result<BTreeMap<&'static str, u64>> {
        let mut deleted = BTreeMap::new();
        let mut failure = None;
        for kind in Expired::ALL {
            // A failure to delete one kind of data does not stop the others.
            match self.clear(kind, now, deadline).await {
                Ok(count) => _ = deleted.insert(kind.as_str(), count),
                Err(error) => failure = failure.or(Some(error.context(kind.as_str()))),
            }
        }
        match self.clear_reports(now, deadline).await {
            Ok(count) => _ = deleted.insert("reports", count),
            Err(error) => failure = failure.or(Some(error.context("reports"))),
        }
        match failure {
            None => Ok(deleted),
            Some(error) => Err(error.context(format!("deleted {}, and failed", json!(deleted)))),
        }
    }

    async fn clear(&self, kind: Expired, now: DateTime<Utc>, deadline: SystemTime) -> anyhow::Result<u64> {
        let mut deleted = 0;
        while SystemTime::now() < deadline {
            let count = clean_up::delete(&mut *self.db.connection().await?, kind, now).await?;
            deleted += count;
            if count < kind.batch().into() {
                break;
            }
        }
        Ok(deleted)
    }

    /// Deletes expired reports. The files are deleted first: if the job fails after that, the next run deletes the
    /// rows.
    async fn clear_reports(&self, now: DateTime<Utc>, deadline: SystemTime) -> anyhow::Result<u64> {
        let mut deleted = 0;
        while SystemTime::now() < deadline {
            let mut tx = self.db.begin().await?;
            let expired = reports::expired(&mut tx, now, REPORTS).await?;
            if expired.is_empty() {
                break;
            }
            self.storage.delete(expired.iter().map(|(id, format)| format.key(*id))).await?;
            let ids: Vec<_> = expired.iter().map(|(id, _)| *id).collect();
            reports::delete(&mut tx, &ids).await?;
            tx.commit(&Queues::none()).await?;
            deleted += ids.len() as u64;
        }
        Ok(deleted)
    }
}

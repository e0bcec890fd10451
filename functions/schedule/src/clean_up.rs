//! Deletes what has grown old: the trash, spent secrets, and what was kept of requests, mails and messages.

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

/// The job begins no batch with less time left; the next run goes on.
const RESERVE: Duration = Duration::from_secs(15);
/// Reports, with their files, in one transaction.
const REPORTS: i64 = 100;

/// The job.
pub struct CleanUp {
    db: Database,
    storage: Storage,
}

impl CleanUp {
    /// Reads the environment. Fails with a message that names the variable.
    pub fn from_env() -> anyhow::Result<Self> {
        Ok(Self::new(Database::from_env()?, Storage::from_env()?))
    }

    /// A job of these parts.
    pub fn new(db: Database, storage: Storage) -> Self {
        Self { db, storage }
    }

    /// One run.
    pub async fn handle(self: Arc<Self>, event: LambdaEvent<Value>) -> anyhow::Result<Value> {
        let work = async |deadline| Ok(json!({ "deleted": self.run(Utc::now(), deadline).await? }));
        one_run("clean-up", RESERVE, &event, work).await
    }

    /// Deletes what is old at `now`, batch after batch, until nothing is left or the time is over, and answers how many rows of each
    /// table went, not counting what went with them. Two runs at once share the work.
    pub async fn run(&self, now: DateTime<Utc>, deadline: SystemTime) -> anyhow::Result<BTreeMap<&'static str, u64>> {
        let mut deleted = BTreeMap::new();
        let mut failure = None;
        for kind in Expired::ALL {
            // What cannot be deleted must not keep the rest.
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

    /// The files go first: a run that dies between the two leaves reports whose files the next run finds gone.
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

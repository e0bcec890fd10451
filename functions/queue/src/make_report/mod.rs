//! Makes the requested reports.
//!
//! A report is claimed for as long as the function may run, so that a message that is delivered twice, even
//! concurrently, makes one report. After that time it can be claimed again, in case the function died. The file is
//! written to disk row by row and uploaded under the id of the report, where a second attempt replaces it. One
//! transaction marks the report as ready, notifies the requester, and marks the message as handled.

mod file;

use std::{
    sync::Arc,
    time::{Duration, Instant, SystemTime},
};

use anyhow::Context;
use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use chrono::{DateTime, Utc};
use futures_util::StreamExt;
use lambda_runtime::LambdaEvent;
use serde::Deserialize;
use shared::{
    db::{
        Database,
        outbox::{self, Topic},
        report_rows,
        reports::{self, Claim, MAX_ATTEMPTS, Order},
    },
    queue::Queues,
    storage::Storage,
};
use uuid::Uuid;

use crate::batch::{Delivery, consume_each, postpone_message};
use file::ReportFile;

/// A report is aborted when less time is left.
const RESERVE: Duration = Duration::from_secs(10);
/// The number of rows after which the progress is stored.
const TELL_EVERY: i64 = 10_000;
/// The delay after the first failure. It doubles with each further one.
const RETRY_AFTER: Duration = Duration::from_secs(5);
/// The error of a report that could not be made in time.
const TOO_MUCH: &str = "There is too much in it. Ask for a shorter period or a single project.";
/// The progress when all rows are written. The file is still to be finished and uploaded.
const WRITTEN: i64 = 95;

/// The consumer of the queue `reports`.
pub struct MakeReport {
    db: Database,
    queues: Queues,
    storage: Storage,
}

/// The result of handling a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The report is ready.
    Ready,
    /// The report cannot be made, and contains the reason.
    Failed,
    /// Another invocation is making it. If that one fails, its own message is delivered again.
    InProgress,
    /// It was finished before.
    Nothing,
}

/// The payload of the outbox row.
#[derive(Deserialize)]
struct Asked {
    report_id: Uuid,
}

impl Outcome {
    fn as_str(self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::Failed => "failed",
            Self::InProgress => "in_progress",
            Self::Nothing => "nothing",
        }
    }
}

impl MakeReport {
    /// Reads the environment. Fails with a message that names the variable.
    pub fn from_env() -> anyhow::Result<Self> {
        // One connection reads the rows while the other stores the progress.
        Ok(Self::new(
            Database::from_env_with(2)?,
            Queues::from_env(&[Topic::Events, Topic::Reports])?,
            Storage::from_env()?,
        ))
    }

    /// Creates a consumer. The database must have two connections.
    pub fn new(db: Database, queues: Queues, storage: Storage) -> Self {
        Self { db, queues, storage }
    }

    /// Handles a batch, and returns the messages that must be delivered again.
    pub async fn handle(self: Arc<Self>, event: LambdaEvent<SqsEvent>) -> anyhow::Result<SqsBatchResponse> {
        let deadline = event.context.deadline();
        let consume = move |delivery: Delivery| {
            let make_report = Arc::clone(&self);
            async move {
                match make_report.make(delivery.id, deadline).await {
                    Ok(outcome) => Ok(outcome.as_str()),
                    Err(error) => {
                        let wait = RETRY_AFTER.saturating_mul(1 << delivery.receives.clamp(1, 8).saturating_sub(1));
                        let (queues, db) = (&make_report.queues, &make_report.db);
                        postpone_message(queues, db, Topic::Reports, &delivery, wait).await;
                        Err(error)
                    }
                }
            }
        };
        Ok(consume_each("make-report", event, RESERVE, consume).await)
    }

    /// Makes the report of an outbox row, unless it was made before, by `deadline` at the latest.
    pub async fn make(&self, id: Uuid, deadline: SystemTime) -> anyhow::Result<Outcome> {
        let mut tx = self.db.begin().await?;
        let Some(asked) = outbox::lock(&mut tx, Topic::Reports, id).await? else { return Ok(Outcome::Nothing) };
        let Asked { report_id } = serde_json::from_value(asked)?;
        let claim = reports::claim(&mut tx, report_id, DateTime::from(deadline)).await?;
        if matches!(claim, Claim::Finished) {
            outbox::mark_handled(&mut tx, id).await?;
        }
        tx.commit(&self.queues).await?;
        let order = match claim {
            Claim::Claimed(order) => order,
            Claim::Failed(reason) => return self.finish(id, report_id, Some(reason)).await,
            Claim::InProgress => return Ok(Outcome::InProgress),
            Claim::Finished => return Ok(Outcome::Nothing),
        };
        let time = deadline.duration_since(SystemTime::now()).unwrap_or_default().saturating_sub(RESERVE);
        match tokio::time::timeout(time, self.write(&order)).await {
            Ok(Ok(())) => self.finish(id, report_id, None).await,
            Err(_) => self.finish(id, report_id, Some(TOO_MUCH)).await,
            Ok(Err(error)) if order.attempt >= MAX_ATTEMPTS => {
                self.finish(id, report_id, Some("Something was away for too long. Ask for it again.")).await?;
                Err(error.context(format!("report {report_id} failed for good")))
            }
            Ok(Err(error)) => {
                let released = async { reports::release(&mut *self.db.connection().await?, report_id).await };
                // Without that it can be claimed again when this claim expires.
                released.await.with_context(|| format!("{error:#}"))?;
                Err(error)
            }
        }
    }

    /// Writes the file and uploads it.
    async fn write(&self, order: &Order) -> anyhow::Result<()> {
        let begun = Instant::now();
        let mut file = ReportFile::create(order)?;
        let mut written = 0;
        let mut conn = self.db.connection().await?;
        let mut rows = report_rows::stream(&mut conn, order, Utc::now());
        while let Some(row) = rows.next().await {
            let (total, cells) = row?;
            file.write(&cells)?;
            written += 1;
            if written % TELL_EVERY == 0 {
                let percent = i16::try_from(WRITTEN * written / total.max(written))?;
                reports::set_progress(&mut *self.db.connection().await?, order.id, percent).await?;
            }
        }
        drop(rows);
        drop(conn);
        let file = file.finish()?;
        let (extension, media_type) = (order.format.extension(), order.format.media_type());
        let zone = |time: DateTime<Utc>| time.with_timezone(&order.zone).format("%Y-%m-%d");
        let (from, to) = (zone(order.period.from), zone(order.period.to));
        let name = format!("{}-{from}-to-{to}.{extension}", order.kind.as_str());
        self.storage.put(&order.format.key(order.id), file.path(), media_type, &name).await?;
        let (bytes, ms) = (file.as_file().metadata()?.len(), begun.elapsed().as_secs_f64() * 1000.0);
        tracing::info!(report.id = %order.id, rows = written, bytes, duration_ms = ms, "made a report");
        Ok(())
    }

    async fn finish(&self, id: Uuid, report_id: Uuid, error: Option<&str>) -> anyhow::Result<Outcome> {
        let mut tx = self.db.begin().await?;
        if outbox::lock(&mut tx, Topic::Reports, id).await?.is_none() {
            return Ok(Outcome::Nothing);
        }
        reports::finish(&mut tx, report_id, error).await?;
        outbox::mark_handled(&mut tx, id).await?;
        tx.commit(&self.queues).await?;
        Ok(if error.is_none() { Outcome::Ready } else { Outcome::Failed })
    }
}

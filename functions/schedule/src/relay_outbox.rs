//! Sends messages that are left in the outbox: because the function failed after its commit, because the queue was not
//! available or lost the message, or because the message was due later.

use std::{
    sync::Arc,
    time::{Duration, SystemTime},
};

use lambda_runtime::LambdaEvent;
use serde_json::{Value, json};
use shared::{
    config,
    db::{
        Database,
        outbox::{self, Topic},
    },
    queue::{BATCH, Queues},
};

use crate::one_run;

/// The job stops when this much of the function's time is left. The next run continues.
const RESERVE: Duration = Duration::from_secs(5);

/// The job that sends messages that are left in the outbox.
pub struct RelayOutbox {
    db: Database,
    queues: Queues,
    resend_after: Duration,
}

impl RelayOutbox {
    /// Creates the job from the environment. Fails if a variable is missing or not valid; the error names the
    /// variable.
    pub fn from_env() -> anyhow::Result<Self> {
        let resend_after = Duration::from_secs(config::required("RESEND_AFTER_SECONDS")?);
        Ok(Self::new(Database::from_env()?, Queues::from_env(&Topic::ALL)?, resend_after))
    }

    /// Creates the job from its parts. A message that its consumer has not confirmed after `resend_after` is sent
    /// again, because the queue may have lost it.
    pub fn new(db: Database, queues: Queues, resend_after: Duration) -> Self {
        Self { db, queues, resend_after }
    }

    /// Runs the job: sends messages until none is left or the time is over.
    pub async fn handle(self: Arc<Self>, event: LambdaEvent<Value>) -> anyhow::Result<Value> {
        let work = async |deadline| Ok(json!({ "relayed": self.run(deadline).await? }));
        one_run("relay-outbox", RESERVE, &event, work).await
    }

    /// Sends messages in batches until none is left or the deadline has passed. Returns the number of messages.
    /// Concurrent runs share the work. If the job fails between sending a batch and its commit, the batch is sent
    /// again; consumers handle duplicates.
    pub async fn run(&self, deadline: SystemTime) -> anyhow::Result<usize> {
        // A queue that is not available does not stop the others.
        let mut relayed = Ok(0);
        for topic in Topic::ALL {
            let these = self.relay(topic, deadline).await;
            relayed = relayed.and_then(|count| Ok(count + these?));
        }
        relayed
    }

    async fn relay(&self, topic: Topic, deadline: SystemTime) -> anyhow::Result<usize> {
        let mut relayed = 0;
        while SystemTime::now() < deadline {
            let mut tx = self.db.begin().await?;
            let messages = outbox::claim_unsent(&mut tx, topic, BATCH.try_into()?, self.resend_after).await?;
            if messages.is_empty() {
                break;
            }
            let sent = self.queues.send(topic, &messages).await?;
            outbox::mark_sent(&mut tx, &sent).await?;
            tx.commit(&self.queues).await?;
            relayed += sent.len();
            anyhow::ensure!(!sent.is_empty(), "the queue accepted none of {} messages", messages.len());
        }
        Ok(relayed)
    }
}

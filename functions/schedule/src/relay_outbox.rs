//! Sends what was left in the outbox: its function died after the commit, the queue was away or lost it, or it was meant for later.

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

/// The job ends with this much time left; the next run goes on.
const RESERVE: Duration = Duration::from_secs(5);

/// The job.
pub struct RelayOutbox {
    db: Database,
    queues: Queues,
    resend_after: Duration,
}

impl RelayOutbox {
    /// Reads the environment. Fails with a message that names the variable.
    pub fn from_env() -> anyhow::Result<Self> {
        let resend_after = Duration::from_secs(config::required("RESEND_AFTER_SECONDS")?);
        Ok(Self::new(Database::from_env()?, Queues::from_env(&Topic::ALL)?, resend_after))
    }

    /// A job of these parts. What its consumer has not confirmed by `resend_after`, the queue may have lost: it is sent again.
    pub fn new(db: Database, queues: Queues, resend_after: Duration) -> Self {
        Self { db, queues, resend_after }
    }

    /// One run.
    pub async fn handle(self: Arc<Self>, event: LambdaEvent<Value>) -> anyhow::Result<Value> {
        let work = async |deadline| Ok(json!({ "relayed": self.run(deadline).await? }));
        one_run("relay-outbox", RESERVE, &event, work).await
    }

    /// Sends batch after batch until nothing is left or the time is over, and answers how many messages it sent. Two runs at once
    /// share the work. A crash between sending and the commit sends a batch again: consumers cope with that.
    pub async fn run(&self, deadline: SystemTime) -> anyhow::Result<usize> {
        // One queue that is away must not keep the others waiting.
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

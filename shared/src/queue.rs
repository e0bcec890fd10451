//! SQS: sends the messages of the outbox, and postpones messages.
//!
//! Futures of the client are created and boxed here: those of an `async fn` would be compiled into each function that
//! calls it.

use std::{collections::HashMap, sync::OnceLock, time::Duration};

use aws_sdk_sqs::{
    Client,
    config::{StalledStreamProtectionConfig, timeout::TimeoutConfig},
    types::SendMessageBatchRequestEntry,
};
use chrono::{DateTime, Utc};
use futures_util::{FutureExt, StreamExt, future::BoxFuture, stream};
use serde_json::json;
use uuid::Uuid;

use crate::{aws, config};

/// The most messages that SQS accepts in one call.
pub const BATCH: usize = 10;
/// The number of batches that are sent concurrently.
const CONCURRENCY: usize = 8;
/// How long a function may wait for a queue after its commit before it leaves the rest to the relay.
const SEND_TIMEOUT: Duration = Duration::from_secs(2);

/// How long SQS may take to respond to one attempt of the client, which makes three.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(5);

/// The longest delay of a message in SQS. The relay sends what is due later.
pub(crate) const MAX_DELAY: Duration = Duration::from_mins(15);

/// A queue that the outbox sends to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Topic {
    /// Changes, for `notify`.
    Events,
    /// E-mails, for `send-email`.
    Emails,
    /// Reports, for `make-report`.
    Reports,
}

impl Topic {
    /// All queues.
    pub const ALL: [Self; 3] = [Self::Events, Self::Emails, Self::Reports];

    /// Returns the name of the queue in the outbox.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Events => "events",
            Self::Emails => "emails",
            Self::Reports => "reports",
        }
    }
}

/// A row of the outbox to send.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Message {
    /// The id of the row; of an event, the id of the event.
    pub id: Uuid,
    /// The queue that it is sent to.
    pub topic: Topic,
    /// When it is due.
    pub due_at: DateTime<Utc>,
}

/// The queues that a function may send to. The client is created at first use: that takes a few milliseconds, which a
/// request that sends nothing does not spend.
pub struct Queues {
    urls: HashMap<Topic, String>,
    client: OnceLock<Client>,
}

impl Queues {
    /// Reads the addresses of the queues that a function sends to: `EVENTS_QUEUE_URL`, `EMAILS_QUEUE_URL`,
    /// `REPORTS_QUEUE_URL`.
    ///
    /// Fails with the name of the variable if one of them is missing.
    pub fn from_env(sends: &[Topic]) -> anyhow::Result<Self> {
        let urls = sends.iter().map(|&topic| Ok((topic, config::required(variable(topic))?)));
        Ok(Self::new(urls.collect::<anyhow::Result<Vec<_>>>()?))
    }

    /// Creates queues at these addresses.
    pub fn new(urls: impl IntoIterator<Item = (Topic, String)>) -> Self {
        Self { urls: urls.into_iter().collect(), client: OnceLock::new() }
    }

    /// Creates a value without queues, for functions that write nothing to the outbox.
    pub fn none() -> Self {
        Self::new([])
    }

    /// Sends the messages of a transaction that is committed. What cannot be sent within two seconds is left to the
    /// relay: the change has happened, so this cannot fail. It is not recorded that the queue accepted a message: its
    /// consumer soon marks it as finished.
    pub(crate) async fn dispatch(&self, messages: Vec<Message>) {
        let now = Utc::now();
        let due: Vec<Message> = messages.into_iter().filter(|m| delay(m, now) <= MAX_DELAY).collect();
        if !due.is_empty() {
            self.dispatch_due(due).await;
        }
    }

    fn dispatch_due(&self, due: Vec<Message>) -> BoxFuture<'_, ()> {
        async move {
            let mut left = due.len();
            let sending = tokio::time::timeout(SEND_TIMEOUT, async {
                let mut batches = Vec::new();
                for topic in Topic::ALL {
                    let messages: Vec<Message> = due.iter().filter(|message| message.topic == topic).copied().collect();
                    batches.extend(messages.chunks(BATCH).map(|batch| (topic, batch.to_vec())));
                }
                let mut outcomes = stream::iter(batches)
                    .map(async |(topic, batch): (Topic, Vec<Message>)| self.send(topic, &batch).await)
                    .buffer_unordered(CONCURRENCY);
                // A queue that is unavailable must not delay the others.
                let mut outcome = Ok(());
                while let Some(batch) = outcomes.next().await {
                    match batch {
                        Ok(ids) => left = left.saturating_sub(ids.len()),
                        Err(error) => outcome = Err(error),
                    }
                }
                outcome
            });
            if let Err(error) = sending.await.unwrap_or_else(|timeout| Err(timeout.into())) {
                tracing::warn!(left, error = %format!("{error:#}"), "messages are left to the relay");
            }
        }
        .boxed()
    }

    /// Sends at most [`BATCH`] messages to a queue and returns the ids of those that it accepted.
    pub fn send<'a>(&'a self, topic: Topic, messages: &'a [Message]) -> BoxFuture<'a, anyhow::Result<Vec<Uuid>>> {
        self.send_batch(topic, messages).boxed()
    }

    async fn send_batch(&self, topic: Topic, messages: &[Message]) -> anyhow::Result<Vec<Uuid>> {
        let now = Utc::now();
        let mut batch = self.client().send_message_batch().queue_url(self.url(topic)?);
        for message in messages {
            let seconds = i32::try_from(delay(message, now).as_secs())?;
            let entry = SendMessageBatchRequestEntry::builder()
                .id(message.id)
                .message_body(json!({ "id": message.id }).to_string())
                .delay_seconds(seconds);
            batch = batch.entries(entry.build()?);
        }
        let answer = batch.send().await.map_err(|e| anyhow::Error::new(e.into_service_error()))?;
        for failure in answer.failed() {
            tracing::warn!(message.id = failure.id(), error = failure.message(), "the queue refused a message");
        }
        Ok(answer.successful().iter().filter_map(|entry| entry.id().parse().ok()).collect())
    }

    /// Hides a message that is being handled for this time, at most twelve hours, after which the queue delivers it
    /// again.
    pub async fn postpone(&self, topic: Topic, receipt_handle: &str, by: Duration) -> anyhow::Result<()> {
        let call = self.client().change_message_visibility().queue_url(self.url(topic)?).receipt_handle(receipt_handle);
        let seconds = i32::try_from(by.as_secs().min(12 * 60 * 60))?;
        call.visibility_timeout(seconds).send().await.map_err(|e| anyhow::Error::new(e.into_service_error()))?;
        Ok(())
    }

    fn url(&self, topic: Topic) -> Result<&String, config::ConfigError> {
        self.urls.get(&topic).ok_or(config::ConfigError::Missing(variable(topic)))
    }

    fn client(&self) -> &Client {
        self.client.get_or_init(Self::connect)
    }

    fn connect() -> Client {
        let config = aws_sdk_sqs::config::Builder::from(&aws::config())
            .timeout_config(TimeoutConfig::builder().operation_attempt_timeout(ATTEMPT_TIMEOUT).build())
            // A message is not a stream: the timeout ends calls that stall, and measuring the throughput takes
            // processor time.
            .stalled_stream_protection(StalledStreamProtectionConfig::disabled());
        Client::from_conf(config.build())
    }
}

/// Returns the name of the variable that holds the address of a queue.
fn variable(topic: Topic) -> &'static str {
    match topic {
        Topic::Events => "EVENTS_QUEUE_URL",
        Topic::Emails => "EMAILS_QUEUE_URL",
        Topic::Reports => "REPORTS_QUEUE_URL",
    }
}

/// Returns how long a message must wait in the queue, in whole seconds, rounded up: it must not arrive before it is
/// due.
fn delay(message: &Message, now: DateTime<Utc>) -> Duration {
    let left = (message.due_at - now).to_std().unwrap_or_default();
    Duration::from_secs(left.as_millis().div_ceil(1000).try_into().unwrap_or(u64::MAX))
}

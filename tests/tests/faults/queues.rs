//! The queues of the deployed system: faults of messages, and counting what is left.

use std::time::Duration;

use aws_sdk_sqs::{
    Client,
    config::{self, retry::RetryConfig},
    types::{
        QueueAttributeName::{self, VisibilityTimeout},
        SendMessageBatchRequestEntry,
    },
};
use rand::{RngExt, rngs::ChaCha12Rng, seq::SliceRandom};
use serde_json::json;
use shared::db::PgPool;
use taskbell_tests::support::variable;
use uuid::Uuid;

pub(crate) const NAMES: [&str; 3] = ["events", "emails", "reports"];

/// The visibility timeout in seconds. It is six minutes in production. Here it is longer than a healthy function takes,
/// and short enough for a run.
const VISIBILITY: &str = "20";

pub(crate) struct Queues {
    client: Client,
}

fn url(queue: usize) -> String {
    variable(&format!("TASKBELL_{}_QUEUE_URL", NAMES[queue].to_uppercase()))
}

fn dead_url(queue: usize) -> String {
    variable(&format!("TASKBELL_{}_DEAD_QUEUE_URL", NAMES[queue].to_uppercase()))
}

impl Queues {
    pub(crate) fn new() -> Self {
        let config = config::Builder::from(&shared::aws::config());
        // The caller retries by itself.
        Self { client: Client::from_conf(config.retry_config(RetryConfig::disabled()).build()) }
    }

    /// Shortens the visibility timeout as soon as the queues exist. Call it after each deployment.
    pub(crate) async fn shorten_visibility(&self) {
        for queue in 0..NAMES.len() {
            let url = url(queue);
            let set = || self.client.set_queue_attributes().queue_url(&url).attributes(VisibilityTimeout, VISIBILITY);
            while set().send().await.is_err() {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
    }

    /// Empties all queues, as an operator may: the relay resends unhandled messages.
    pub(crate) async fn purge(&self) {
        for queue in 0..NAMES.len() {
            for url in [url(queue), dead_url(queue)] {
                self.client.purge_queue().queue_url(url).send().await.unwrap();
            }
        }
    }

    /// Sends some of the newest messages again, in random order and each with its own delay. Returns how many.
    pub(crate) async fn copy(&self, db: &PgPool, messages: usize, random: &mut ChaCha12Rng) -> anyhow::Result<usize> {
        let newest = "SELECT id, queue FROM outbox ORDER BY created_at DESC LIMIT $1";
        let mut newest: Vec<(Uuid, String)> =
            sqlx::query_as(newest).bind(i64::try_from(messages)?).fetch_all(db).await?;
        newest.shuffle(random);
        let mut copies = 0;
        for (id, queue) in &newest {
            let queue = NAMES.iter().position(|name| name == queue).unwrap();
            let delays: Vec<i32> = (0..random.random_range(1..4)).map(|_| random.random_range(0..15)).collect();
            let mut batch = self.client.send_message_batch().queue_url(url(queue));
            for (place, delay) in delays.iter().enumerate() {
                let entry = SendMessageBatchRequestEntry::builder().id(place.to_string()).delay_seconds(*delay);
                batch = batch.entries(entry.message_body(json!({ "id": id }).to_string()).build()?);
            }
            batch.send().await?;
            copies += delays.len();
        }
        Ok(copies)
    }

    /// Receives up to ten messages from each queue, which hides them for some seconds. Returns how many.
    pub(crate) async fn hold_back(&self, seconds: i32) -> anyhow::Result<usize> {
        let mut held = 0;
        for queue in 0..NAMES.len() {
            let receive = self.client.receive_message().queue_url(url(queue)).max_number_of_messages(10);
            held += receive.visibility_timeout(seconds).send().await?.messages.unwrap_or_default().len();
        }
        Ok(held)
    }

    /// Sends a message unchanged.
    pub(crate) async fn send(&self, queue: usize, body: &str) -> anyhow::Result<()> {
        self.client.send_message().queue_url(url(queue)).message_body(body).send().await?;
        Ok(())
    }

    /// Returns how many messages are in the queues: waiting, in flight, or delayed.
    pub(crate) async fn left(&self) -> anyhow::Result<usize> {
        let mut left = 0;
        for queue in 0..NAMES.len() {
            left += self.count(&url(queue)).await?;
        }
        Ok(left)
    }

    /// Returns the number of dead letters.
    pub(crate) async fn dead_count(&self) -> anyhow::Result<usize> {
        let mut dead = 0;
        for queue in 0..NAMES.len() {
            dead += self.count(&dead_url(queue)).await?;
        }
        Ok(dead)
    }

    /// Removes the dead letters of a queue and returns them.
    pub(crate) async fn dead(&self, queue: usize) -> Vec<String> {
        let (url, mut bodies) = (dead_url(queue), Vec::new());
        loop {
            let receive = self.client.receive_message().queue_url(&url).max_number_of_messages(10);
            let messages = receive.visibility_timeout(600).send().await.unwrap().messages.unwrap_or_default();
            if messages.is_empty() {
                return bodies;
            }
            bodies.extend(messages.into_iter().filter_map(|message| message.body));
        }
    }

    async fn count(&self, url: &str) -> anyhow::Result<usize> {
        let ask = self.client.get_queue_attributes().queue_url(url).attribute_names(QueueAttributeName::All);
        let attributes = ask.send().await?.attributes.unwrap_or_default();
        let of = |name| attributes.get(&name).and_then(|value| value.parse::<usize>().ok()).unwrap_or_default();
        Ok(of(QueueAttributeName::ApproximateNumberOfMessages)
            + of(QueueAttributeName::ApproximateNumberOfMessagesNotVisible)
            + of(QueueAttributeName::ApproximateNumberOfMessagesDelayed))
    }
}

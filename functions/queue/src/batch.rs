use std::{
    collections::BTreeMap,
    time::{Duration, Instant, SystemTime},
};

use anyhow::Context;
use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use chrono::Utc;
use lambda_runtime::LambdaEvent;
use serde::Deserialize;
use shared::{
    db::{
        Database,
        outbox::{self, Topic},
    },
    queue::Queues,
};
use uuid::Uuid;

/// A message that a queue delivers: the id of its outbox row.
#[derive(Debug)]
pub struct Delivery {
    /// The outbox row.
    pub id: Uuid,
    /// Identifies this delivery to the queue.
    pub receipt_handle: String,
    /// Which delivery it is, from 1.
    pub receives: u32,
}

#[derive(Deserialize)]
struct Body {
    id: Uuid,
}

impl Delivery {
    fn of(message: &SqsMessage) -> anyhow::Result<Self> {
        let body: Body = serde_json::from_str(message.body.as_deref().unwrap_or_default()).context("a bad message")?;
        let receives = message.attributes.get("ApproximateReceiveCount").and_then(|count| count.parse().ok());
        Ok(Self {
            id: body.id,
            receipt_handle: message.receipt_handle.clone().unwrap_or_default(),
            receives: receives.unwrap_or(1),
        })
    }
}

/// Makes the queue deliver a message that failed again after this time, in place of the queue's own delay.
pub(crate) async fn postpone_message(
    queues: &Queues,
    db: &Database,
    topic: Topic,
    delivery: &Delivery,
    wait: Duration,
) {
    let postponed = async {
        queues.postpone(topic, &delivery.receipt_handle, wait).await?;
        outbox::record_retry(&mut *db.connection().await?, delivery.id, Utc::now() + wait).await?;
        anyhow::Ok(())
    };
    if let Err(error) = postponed.await {
        tracing::warn!(error = %format!("{error:#}"), "the queue's own delay holds");
    }
}

/// Runs `consume` for each message of a batch, which returns the outcome for the log. Returns the messages that the
/// queue must deliver again: those that failed, and those for which less than `time_for_one` was left.
pub(crate) async fn consume_each<F>(
    name: &'static str,
    event: LambdaEvent<SqsEvent>,
    time_for_one: Duration,
    consume: impl Fn(Delivery) -> F,
) -> SqsBatchResponse
where
    F: Future<Output = anyhow::Result<&'static str>>,
{
    let (begun, deadline) = (Instant::now(), event.context.deadline());
    let mut response = SqsBatchResponse::default();
    let (mut outcomes, total) = (BTreeMap::<_, usize>::new(), event.payload.records.len());
    for message in event.payload.records {
        let left = deadline.duration_since(SystemTime::now()).unwrap_or_default();
        let outcome = if left < time_for_one {
            Err(anyhow::anyhow!("no time left in this invocation"))
        } else {
            match Delivery::of(&message) {
                Ok(delivery) => consume(delivery).await,
                Err(error) => Err(error),
            }
        };
        match outcome {
            Ok(outcome) => *outcomes.entry(outcome).or_default() += 1,
            Err(error) => {
                let id = message.message_id.unwrap_or_default();
                tracing::warn!(message.id = id, error = %format!("{error:#}"), "a message is to come again");
                response.add_failure(id);
            }
        }
    }
    let again = response.batch_item_failures.len();
    let ms = begun.elapsed().as_secs_f64() * 1000.0;
    tracing::info!(records = total, again, outcomes = ?outcomes, duration_ms = ms, "{name}");
    response
}

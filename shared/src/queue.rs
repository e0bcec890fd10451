//! SQS: sends what the outbox holds.

use aws_sdk_sqs::types::SendMessageBatchRequestEntry;
use tokio::sync::OnceCell;
use uuid::Uuid;

/// A queue and the client that sends to it. The client is made at first use: that costs a few milliseconds, which a request
/// that sends nothing need not pay.
pub struct Queue {
    url: String,
    client: OnceCell<aws_sdk_sqs::Client>,
}

/// One message: an outbox row.
pub struct Message {
    /// The row's id. Consumers deduplicate by it.
    pub id: Uuid,
    /// A JSON document.
    pub body: String,
}

impl Queue {
    /// A queue at `url`.
    pub fn new(url: String) -> Self {
        Self { url, client: OnceCell::new() }
    }

    /// Sends at most ten messages (the limit of an SQS batch) and answers the ids of those that were accepted.
    pub async fn send(&self, messages: &[Message]) -> anyhow::Result<Vec<Uuid>> {
        let client = self.client.get_or_init(|| async { aws_sdk_sqs::Client::new(&aws_config().await) }).await;
        let mut batch = client.send_message_batch().queue_url(&self.url);
        for message in messages {
            let entry = SendMessageBatchRequestEntry::builder().id(message.id).message_body(&message.body).build()?;
            batch = batch.entries(entry);
        }
        let answer = batch.send().await.map_err(|e| anyhow::Error::new(e.into_service_error()))?;
        for failure in answer.failed() {
            tracing::warn!(message.id = failure.id(), error = failure.message(), "the queue refused a message");
        }
        Ok(answer.successful().iter().filter_map(|entry| entry.id().parse().ok()).collect())
    }
}

/// The AWS client configuration from the environment; `AWS_ENDPOINT_URL` points it at an emulator.
pub async fn aws_config() -> aws_config::SdkConfig {
    use aws_smithy_http_client::{Builder, tls};
    let http_client =
        Builder::new().tls_provider(tls::Provider::Rustls(tls::rustls_provider::CryptoMode::AwsLc)).build_https();
    aws_config::defaults(aws_config::BehaviorVersion::latest()).http_client(http_client).load().await
}

use std::{ops::AddAssign, sync::OnceLock, time::Duration};

use aws_sdk_apigatewaymanagement::{
    Client,
    config::{StalledStreamProtectionConfig, retry::RetryConfig, timeout::TimeoutConfig},
    error::SdkError,
    primitives::Blob,
};
use futures_util::{StreamExt, stream};
use serde_json::Value;

use super::connections::{self, Address};
use crate::{aws, cache::Cache};

/// The number of messages that are sent concurrently.
const CONCURRENCY: usize = 64;
/// The SDK repeats throttled and failed calls after a random part of a delay that doubles.
const ATTEMPTS: u32 = 4;
const FIRST_DELAY: Duration = Duration::from_millis(100);
/// How long one attempt may take.
const TIMEOUT: Duration = Duration::from_secs(2);

/// Sends to connections through the gateway's `@connections`.
pub struct Gateway {
    endpoint: String,
    client: OnceLock<Client>,
}

/// The results of messages that were pushed.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Pushed {
    /// Messages that the gateway accepted.
    pub sent: usize,
    /// Messages to connections that are gone. These are removed.
    pub gone: usize,
    /// Messages that were not accepted. Clients get what they missed when they resume.
    pub failed: usize,
}

impl AddAssign for Pushed {
    fn add_assign(&mut self, more: Self) {
        self.sent += more.sent;
        self.gone += more.gone;
        self.failed += more.failed;
    }
}

impl Gateway {
    /// Reads `WEBSOCKET_MANAGEMENT_URL`.
    pub fn from_env() -> anyhow::Result<Self> {
        Ok(Self::new(crate::config::required("WEBSOCKET_MANAGEMENT_URL")?))
    }

    /// Creates a gateway with this management endpoint.
    pub fn new(endpoint: String) -> Self {
        Self { endpoint, client: OnceLock::new() }
    }

    /// Sends a message to a connection. Returns `false` if the connection is gone.
    pub async fn send(&self, connection_id: &str, message: &Value) -> anyhow::Result<bool> {
        self.post(connection_id, Blob::new(message.to_string())).await
    }

    /// Sends each message to its connection, many concurrently, and removes connections that are gone.
    pub async fn push(&self, cache: &Cache, messages: Vec<(Address, String)>) -> Pushed {
        let (mut pushed, mut gone) = (Pushed::default(), Vec::new());
        let mut outcomes = stream::iter(messages)
            .map(async |(to, message)| (self.post(&to.connection_id, Blob::new(message)).await, to))
            .buffer_unordered(CONCURRENCY);
        while let Some((outcome, to)) = outcomes.next().await {
            match outcome {
                Ok(true) => pushed.sent += 1,
                Ok(false) => gone.push(to),
                Err(error) => {
                    tracing::warn!(connection.id = to.connection_id, error = %format!("{error:#}"), "a push failed");
                    pushed.failed += 1;
                }
            }
        }
        pushed.gone = gone.len();
        // Without the cache they are removed when they expire.
        connections::forget(cache, &gone).await.ok();
        pushed
    }

    /// Closes a connection. Succeeds if it is gone already.
    pub async fn close(&self, connection_id: &str) -> anyhow::Result<()> {
        match self.client().delete_connection().connection_id(connection_id).send().await {
            Ok(_) => Ok(()),
            Err(error) => match error.into_service_error() {
                error if error.is_gone_exception() => Ok(()),
                error => Err(error.into()),
            },
        }
    }

    async fn post(&self, connection_id: &str, message: Blob) -> anyhow::Result<bool> {
        let sending = self.client().post_to_connection().connection_id(connection_id).data(message);
        match sending.send().await.map_err(SdkError::into_service_error) {
            Ok(_) => Ok(true),
            Err(error) if error.is_gone_exception() => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    fn client(&self) -> &Client {
        self.client.get_or_init(|| self.connect())
    }

    fn connect(&self) -> Client {
        let config = aws_sdk_apigatewaymanagement::config::Builder::from(&aws::config())
            .endpoint_url(&self.endpoint)
            .retry_config(RetryConfig::standard().with_max_attempts(ATTEMPTS).with_initial_backoff(FIRST_DELAY))
            .timeout_config(TimeoutConfig::builder().operation_attempt_timeout(TIMEOUT).build())
            // A frame is not a stream: the timeout ends calls that stall.
            .stalled_stream_protection(StalledStreamProtectionConfig::disabled());
        Client::from_conf(config.build())
    }
}

use std::{process::ExitCode, sync::Arc, time::Instant};

use aws_lambda_events::apigw::ApiGatewayWebsocketProxyRequest;
use lambda_runtime::LambdaEvent;
use serde_json::{Value, json};
use shared::realtime::Gateway;

/// A message from a connection, or an event of the connection itself.
pub struct Event {
    /// The id of the connection.
    pub connection_id: String,
    /// Whether the event is about the connection itself. Routes check this, because a client may name any route in a
    /// message.
    pub is_lifecycle: bool,
    /// The ticket in the query string of `$connect`.
    pub ticket: Option<String>,
    /// The message from the client, or null if it is not JSON.
    pub message: Value,
}

/// The response of a route to the gateway.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reply {
    /// The route succeeded.
    Ok,
    /// The connection is rejected.
    Unauthorized,
    /// A dependency is not available.
    Unavailable,
}

impl Reply {
    fn status(self) -> i64 {
        match self {
            Self::Ok => 200,
            Self::Unauthorized => 401,
            Self::Unavailable => 503,
        }
    }
}

/// The maximum size of a `ref` as JSON, in bytes. It keeps the response within one frame of the gateway.
const MAX_REFERENCE: usize = 1_000;

impl Event {
    /// Creates an event from the gateway's request.
    pub fn new(request: ApiGatewayWebsocketProxyRequest) -> Self {
        let message = request.body.and_then(|body| serde_json::from_str(&body).ok()).unwrap_or(Value::Null);
        let event_type = request.request_context.event_type.unwrap_or_default();
        Self {
            connection_id: request.request_context.connection_id.unwrap_or_default(),
            is_lifecycle: event_type == "CONNECT" || event_type == "DISCONNECT",
            ticket: request.query_string_parameters.first("ticket").map(str::to_owned),
            message,
        }
    }

    /// Sends a message to the connection, with the `ref` of the client's message unless it is too long. Does nothing
    /// if the connection is closed.
    pub async fn reply(&self, gateway: &Gateway, mut message: Value) -> anyhow::Result<Reply> {
        if let Some(reference) = self.message.get("ref").filter(|given| given.to_string().len() <= MAX_REFERENCE) {
            message["ref"] = reference.clone();
        }
        gateway.send(&self.connection_id, &message).await?;
        Ok(Reply::Ok)
    }
}

/// Serves one route as a Lambda function. Logs one line per event.
pub fn run<S, H, F>(name: &'static str, state: impl FnOnce() -> anyhow::Result<S> + 'static, handle: H) -> ExitCode
where
    H: Fn(Arc<S>, Event) -> F + Copy + Send + Sync + 'static,
    S: Send + Sync + 'static,
    F: Future<Output = anyhow::Result<Reply>> + Send + 'static,
{
    shared::function::serve(state, move |state, event: LambdaEvent<ApiGatewayWebsocketProxyRequest>| async move {
        let begun = Instant::now();
        let event = Event::new(event.payload);
        let connection = event.connection_id.clone();
        let outcome = handle(state, event).await;
        let ms = begun.elapsed().as_secs_f64() * 1000.0;
        match &outcome {
            Ok(reply) => {
                tracing::info!(connection.id = connection, status = reply.status(), duration_ms = ms, "{name}");
            }
            Err(error) => {
                tracing::error!(connection.id = connection, error = %format!("{error:#}"), duration_ms = ms, "{name}");
            }
        }
        // The response has no body: the gateway would send it to the client if the route has a route response.
        Ok(json!({ "statusCode": outcome?.status() }))
    })
}

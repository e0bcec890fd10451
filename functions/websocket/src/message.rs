use std::{process::ExitCode, sync::Arc};

use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};
use shared::{
    Code, Error, Result,
    cache::Cache,
    config,
    db::{Database, outbox::Topic, sessions},
    domain::{Caller, text::compose_all},
    queue::Queues,
    realtime::{self, Gateway},
};

use crate::{Event, Reply, run};

/// The state that all message routes share. It is created once, at cold start. Connections are opened at first use.
pub struct MessageState {
    /// Postgres.
    pub db: Database,
    /// Redis.
    pub cache: Cache,
    /// Sends messages to connections.
    pub gateway: Gateway,
    /// The queues that the function sends to.
    pub queues: Queues,
    /// The maximum number of messages and HTTP requests per minute from one user. 0 means no limit.
    pub user_per_minute: u32,
}

/// The sender of a message. Their session has not ended, and their account is active.
pub struct Sender {
    /// The person.
    pub caller: Caller,
    /// The connection.
    pub connection_id: String,
}

/// The fields that all messages have. The type of `rest` rejects unknown fields.
#[derive(Deserialize)]
struct Envelope {
    #[serde(rename = "action")]
    _action: String,
    #[serde(rename = "ref")]
    _reference: Option<Value>,
    #[serde(flatten)]
    rest: Value,
}

impl MessageState {
    /// Creates the state of a route from its environment. The route sends to these queues. Fails if a variable is
    /// missing or not valid; the error names the variable.
    pub fn from_env(sends: &[Topic]) -> anyhow::Result<Self> {
        Ok(Self {
            db: Database::from_env()?,
            cache: Cache::from_env()?,
            gateway: Gateway::from_env()?,
            queues: Queues::from_env(sends)?,
            user_per_minute: config::required("RATE_LIMIT_USER_PER_MINUTE")?,
        })
    }

    /// Returns the sender of an event. Fails if the connection is unknown, if the session has ended, or if the user
    /// sends too many messages.
    async fn sender(&self, event: &Event) -> Result<Sender> {
        let peer = realtime::peer(&self.cache, &event.connection_id).await?;
        let peer = peer.ok_or(Error::Unauthenticated(
            Code::ConnectionUnknown,
            "This connection is not known. Connect with a new ticket.",
        ))?;
        let caller = sessions::authenticate(&mut *self.db.connection().await?, peer.claims()).await?;
        match self.cache.count_request(&format!("user:{}", caller.id), self.user_per_minute).await {
            Ok(Some(retry_after)) => {
                Err(Error::TooManyRequests { code: Code::RateLimited, detail: "Too many messages.", retry_after })
            }
            Ok(None) | Err(_) => Ok(Sender { caller, connection_id: event.connection_id.clone() }),
        }
    }
}

/// Serves a route for messages of type `M`, which sends to these queues. The result or error of the handler is sent to
/// the connection.
pub fn serve<M, F>(
    name: &'static str,
    sends: &'static [Topic],
    handle: fn(Arc<MessageState>, Sender, M) -> F,
) -> ExitCode
where
    M: DeserializeOwned + Send + 'static,
    F: Future<Output = Result<Value>> + Send + 'static,
{
    run(name, move || MessageState::from_env(sends), move |state, event| respond(state, event, handle))
}

/// Passes a message to its handler, and sends the result or error to the connection.
pub async fn respond<M, F>(
    state: Arc<MessageState>,
    event: Event,
    handle: fn(Arc<MessageState>, Sender, M) -> F,
) -> anyhow::Result<Reply>
where
    M: DeserializeOwned,
    F: Future<Output = Result<Value>>,
{
    if event.is_lifecycle {
        return Ok(Reply::Ok);
    }
    let outcome = async {
        let sender = state.sender(&event).await?;
        handle(Arc::clone(&state), sender, parse(&event.message)?).await
    };
    let frame = match outcome.await {
        Ok(frame) => frame,
        Err(error) => {
            if let Some(cause) = error.cause() {
                tracing::error!(connection.id = event.connection_id, error = cause, "a message failed");
            }
            frame_of(&error)
        }
    };
    event.reply(&state.gateway, frame).await
}

fn parse<M: DeserializeOwned>(message: &Value) -> Result<M> {
    let mut envelope = Envelope::deserialize(message).map_err(|error| not_understood(&error))?;
    compose_all(&mut envelope.rest);
    serde_json::from_value(envelope.rest).map_err(|error| not_understood(&error))
}

/// Returns the error for a message that is not valid. It is cut, because serde's error repeats unknown names, which
/// may be long.
fn not_understood(error: &serde_json::Error) -> Error {
    let said: String = error.to_string().chars().take(300).collect();
    Error::bad_request(Code::InvalidMessage, format!("The message is not valid: {said}."))
}

fn frame_of(error: &Error) -> Value {
    let mut frame =
        json!({ "type": "error", "status": error.status(), "code": error.code(), "detail": error.to_string() });
    match error {
        Error::Invalid(_, faults) => frame["errors"] = json!(faults),
        Error::TooManyRequests { retry_after, .. } => frame["retry_after"] = json!(retry_after.as_secs().max(1)),
        _ => {}
    }
    frame
}

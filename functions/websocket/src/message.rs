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

/// What the routes of messages share. It is made once, at cold start; connections are opened at first use.
pub struct MessageState {
    /// Postgres.
    pub db: Database,
    /// Redis.
    pub cache: Cache,
    /// The way to connections.
    pub gateway: Gateway,
    /// The queues; a function has the addresses of those that it sends to.
    pub queues: Queues,
    /// Messages a minute and user, counted with their requests; 0: no limit.
    pub user_per_minute: u32,
}

/// Who sent a message, and over which connection. The session goes on and the account is active at this moment.
pub struct Sender {
    /// Who.
    pub caller: Caller,
    /// The connection.
    pub connection_id: String,
}

/// A message of a type. Unknown fields are refused, as everywhere.
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
    /// Reads the environment of a route that sends to these queues. Fails with a message that names the variable.
    pub fn from_env(sends: &[Topic]) -> anyhow::Result<Self> {
        Ok(Self {
            db: Database::from_env()?,
            cache: Cache::from_env()?,
            gateway: Gateway::from_env()?,
            queues: Queues::from_env(sends)?,
            user_per_minute: config::required("RATE_LIMIT_USER_PER_MINUTE")?,
        })
    }

    /// Who sent an event.
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

/// Serves a route of messages of type `M`: the handler's arguments say who may send one, and its result, or its error, goes to the
/// connection. The route sends to these queues.
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

/// Hands a message to its route and sends what that says.
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

/// What serde says repeats what it does not know, which may be long.
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

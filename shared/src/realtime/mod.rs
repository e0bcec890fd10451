//! WebSocket connections: tickets that open one, whose each is, and how to speak to it.
//!
//! All of it lives in the cache. What is lost with the cache, clients make again: they ask for a ticket and connect.

use aws_sdk_apigatewaymanagement::{Client, primitives::Blob};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::Value;
use tokio::sync::OnceCell;
use uuid::Uuid;

use crate::{
    Error, Result,
    auth::Secret,
    cache::{Cache, CacheAway},
    domain::Caller,
};

/// For how many seconds a ticket is good.
pub const TICKET_SECONDS: u64 = 30;
/// API Gateway closes a connection after two hours, whatever it does.
const CONNECTION_SECONDS: u64 = 2 * 60 * 60;

/// Who is at the other end of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Peer {
    /// The user.
    pub user_id: Uuid,
    /// The log-in that asked for the ticket.
    pub session_id: Uuid,
}

impl Peer {
    fn to_text(self) -> String {
        format!("{} {}", self.user_id, self.session_id)
    }

    fn from_text(text: &str) -> Option<Self> {
        let (user_id, session_id) = text.split_once(' ')?;
        Some(Self { user_id: user_id.parse().ok()?, session_id: session_id.parse().ok()? })
    }
}

impl From<CacheAway> for Error {
    fn from(away: CacheAway) -> Self {
        Self::Unavailable(away.into())
    }
}

/// Makes a ticket that opens one connection.
pub async fn create_ticket(cache: &Cache, caller: &Caller) -> Result<Secret> {
    let ticket = Secret::generate()?;
    let peer = Peer { user_id: caller.id, session_id: caller.session_id };
    cache
        .query::<()>(redis::pipe().set_ex(ticket_key(ticket.expose()), peer.to_text(), TICKET_SECONDS).ignore())
        .await?;
    Ok(ticket)
}

/// Opens a connection with a ticket, which is used up by that. Nothing if the ticket is not good.
pub async fn connect(cache: &Cache, ticket: &str, connection_id: &str) -> Result<Option<Peer>> {
    let (found,): (Option<String>,) = cache.query(redis::pipe().get_del(ticket_key(ticket))).await?;
    let Some(peer) = found.as_deref().and_then(Peer::from_text) else { return Ok(None) };
    let of_user = of_user_key(peer.user_id);
    let expires = i64::try_from(CONNECTION_SECONDS).unwrap_or(i64::MAX);
    let mut open = redis::pipe();
    open.atomic()
        .set_ex(connection_key(connection_id), peer.to_text(), CONNECTION_SECONDS)
        .sadd(&of_user, connection_id)
        .expire(&of_user, expires)
        .ignore();
    cache.query::<redis::Value>(&open).await?;
    Ok(Some(peer))
}

/// Forgets a connection. One that nobody knows is forgotten already.
pub async fn disconnect(cache: &Cache, connection_id: &str) -> Result<()> {
    let (found,): (Option<String>,) = cache.query(redis::pipe().get_del(connection_key(connection_id))).await?;
    if let Some(peer) = found.as_deref().and_then(Peer::from_text) {
        cache.query::<()>(redis::pipe().srem(of_user_key(peer.user_id), connection_id).ignore()).await?;
    }
    Ok(())
}

fn ticket_key(ticket: &str) -> String {
    format!("ticket:{}", URL_SAFE_NO_PAD.encode(Secret::hash(ticket)))
}

fn connection_key(connection_id: &str) -> String {
    format!("connection:{connection_id}")
}

fn of_user_key(user_id: Uuid) -> String {
    format!("connections:{user_id}")
}

/// Speaks to connections through the gateway's `@connections`.
pub struct Gateway {
    endpoint: String,
    client: OnceCell<Client>,
}

impl Gateway {
    /// Reads `WEBSOCKET_MANAGEMENT_URL`.
    pub fn from_env() -> anyhow::Result<Self> {
        Ok(Self { endpoint: crate::config::required("WEBSOCKET_MANAGEMENT_URL")?, client: OnceCell::new() })
    }

    /// Sends a message to a connection; false if the connection is gone.
    pub async fn send(&self, connection_id: &str, message: &Value) -> anyhow::Result<bool> {
        let client = self.client.get_or_init(|| async { self.connect().await }).await;
        let sending = client.post_to_connection().connection_id(connection_id).data(Blob::new(message.to_string()));
        match sending.send().await.map_err(aws_sdk_apigatewaymanagement::error::SdkError::into_service_error) {
            Ok(_) => Ok(true),
            Err(error) if error.is_gone_exception() => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    async fn connect(&self) -> Client {
        let shared = crate::queue::aws_config().await;
        let config = aws_sdk_apigatewaymanagement::config::Builder::from(&shared).endpoint_url(&self.endpoint);
        Client::from_conf(config.build())
    }
}

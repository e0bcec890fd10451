use std::{collections::HashMap, fmt::Display};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use crate::{
    Error, Result,
    auth::Secret,
    cache::{Cache, CacheUnavailable},
    domain::{Caller, TokenClaims},
};

/// The lifetime of a ticket, in seconds.
pub const TICKET_SECONDS: u64 = 30;
/// The most projects that a connection may have open.
pub const MAX_OPEN_PROJECTS: usize = 50;
/// API Gateway closes a connection after two hours, even if it is in use.
const CONNECTION_SECONDS: i64 = 2 * 60 * 60;
/// The number of sets that one call to the cache reads.
const CHUNK: usize = 500;

/// How long the gateway may report that a new connection is gone: until `$connect` has succeeded.
const CONNECTING: TimeDelta = TimeDelta::seconds(10);

/// The person and the session behind a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Peer {
    /// The user.
    pub user_id: Uuid,
    /// The session that requested the ticket.
    pub session_id: Uuid,
    /// When the ticket was created; of a connection, when it was opened.
    pub since: DateTime<Utc>,
}

impl Peer {
    /// Returns the user and the session, as an access token names them.
    pub fn claims(&self) -> TokenClaims {
        TokenClaims { user_id: self.user_id, session_id: self.session_id }
    }
}

/// Where a message is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    /// The gateway's id of the connection.
    pub connection_id: String,
    /// The user whose connection it is.
    pub user_id: Uuid,
}

/// A connection and its peer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Connection {
    /// The gateway's id of it.
    pub id: String,
    /// The person and the session behind it.
    pub peer: Peer,
}

impl Peer {
    fn to_text(self) -> String {
        format!("{} {} {}", self.user_id, self.session_id, self.since.timestamp_millis())
    }

    fn from_text(text: &str) -> Option<Self> {
        let mut parts = text.split(' ');
        Some(Self {
            user_id: parts.next()?.parse().ok()?,
            session_id: parts.next()?.parse().ok()?,
            since: DateTime::from_timestamp_millis(parts.next()?.parse().ok()?)?,
        })
    }
}

impl From<CacheUnavailable> for Error {
    fn from(error: CacheUnavailable) -> Self {
        Self::Unavailable(error.into())
    }
}

/// Creates a ticket that opens one connection.
pub async fn create_ticket(cache: &Cache, caller: &Caller) -> Result<Secret> {
    let ticket = Secret::generate()?;
    let peer = Peer { user_id: caller.id, session_id: caller.session_id, since: Utc::now() };
    cache
        .query::<()>(redis::pipe().set_ex(ticket_key(ticket.expose()), peer.to_text(), TICKET_SECONDS).ignore())
        .await?;
    Ok(ticket)
}

/// Opens a connection with a ticket, which cannot be used again. Returns `None` if the ticket is not valid.
pub async fn connect(cache: &Cache, ticket: &str, connection_id: &str) -> Result<Option<Peer>> {
    let (found,): (Option<String>,) = cache.query(redis::pipe().get_del(ticket_key(ticket))).await?;
    let Some(mut peer) = found.as_deref().and_then(Peer::from_text) else { return Ok(None) };
    peer.since = Utc::now();
    let of_user = of_user_key(peer.user_id);
    let mut open = redis::pipe();
    open.atomic()
        .set_ex(connection_key(connection_id), peer.to_text(), CONNECTION_SECONDS.unsigned_abs())
        .sadd(&of_user, connection_id)
        .expire(&of_user, CONNECTION_SECONDS)
        .ignore();
    cache.query::<redis::Value>(&open).await?;
    Ok(Some(peer))
}

/// Returns the peer of a connection, or `None` if the connection is not known.
pub async fn peer(cache: &Cache, connection_id: &str) -> Result<Option<Peer>> {
    let (found,): (Option<String>,) = cache.query(redis::pipe().get(connection_key(connection_id))).await?;
    Ok(found.as_deref().and_then(Peer::from_text))
}

/// Removes a connection. Succeeds if it is not known.
pub async fn disconnect(cache: &Cache, connection_id: &str) -> Result<()> {
    let mut take = redis::pipe();
    let (opened, key) = (opened_key(connection_id), connection_key(connection_id));
    take.atomic().get_del(&key).smembers(&opened).del(&opened).ignore();
    let (found, projects): (Option<String>, Vec<String>) = cache.query(&take).await?;
    let mut forget = redis::pipe();
    if let Some(peer) = found.as_deref().and_then(Peer::from_text) {
        forget.srem(of_user_key(peer.user_id), connection_id).ignore();
    }
    for project in projects {
        forget.srem(open_key(&project), connection_id).ignore();
    }
    if !forget.is_empty() {
        cache.query::<()>(&forget).await?;
    }
    Ok(())
}

/// Removes connections that the gateway reports as gone, except those that are still being opened.
pub async fn forget(cache: &Cache, connections: &[Address]) -> Result<()> {
    for Address { connection_id, user_id } in connections {
        match peer(cache, connection_id).await? {
            Some(peer) if Utc::now() - peer.since <= CONNECTING => {}
            Some(_) => disconnect(cache, connection_id).await?,
            // It has expired, except for its entry in the set of the user.
            None => cache.query::<()>(redis::pipe().srem(of_user_key(*user_id), connection_id).ignore()).await?,
        }
    }
    Ok(())
}

/// Opens a project on a connection. Returns `false` if the connection has too many open already. The caller must check
/// that the user may see the project.
pub async fn open_project(cache: &Cache, connection_id: &str, project_id: Uuid) -> Result<bool> {
    let (opened, open) = (opened_key(connection_id), open_key(project_id));
    let mut pipe = redis::pipe();
    pipe.scard(&opened).sismember(&opened, project_id.to_string());
    let (count, already): (usize, bool) = cache.query(&pipe).await?;
    if count >= MAX_OPEN_PROJECTS && !already {
        return Ok(false);
    }
    let mut pipe = redis::pipe();
    pipe.atomic()
        .sadd(&opened, project_id.to_string())
        .expire(&opened, CONNECTION_SECONDS)
        .sadd(&open, connection_id)
        .expire(&open, CONNECTION_SECONDS)
        .ignore();
    cache.query::<redis::Value>(&pipe).await?;
    Ok(true)
}

/// Closes a project on a connection.
pub async fn close_project(cache: &Cache, connection_id: &str, project_id: Uuid) -> Result<()> {
    let mut pipe = redis::pipe();
    pipe.atomic().srem(opened_key(connection_id), project_id.to_string()).srem(open_key(project_id), connection_id);
    cache.query::<redis::Value>(&pipe).await?;
    Ok(())
}

/// Returns the connections of users, by user.
pub async fn of_users(cache: &Cache, user_ids: &[Uuid]) -> Result<HashMap<Uuid, Vec<String>>> {
    let mut connections = HashMap::new();
    for chunk in user_ids.chunks(CHUNK) {
        let mut pipe = redis::pipe();
        for &user_id in chunk {
            pipe.smembers(of_user_key(user_id));
        }
        let found: Vec<Vec<String>> = cache.query(&pipe).await?;
        connections.extend(chunk.iter().copied().zip(found).filter(|(_, ids)| !ids.is_empty()));
    }
    Ok(connections)
}

/// Returns the connections of one user, with the session that opened each.
pub async fn of_user(cache: &Cache, user_id: Uuid) -> Result<Vec<Connection>> {
    let (ids,): (Vec<String>,) = cache.query(redis::pipe().smembers(of_user_key(user_id))).await?;
    known(cache, ids, &of_user_key(user_id)).await
}

/// Returns the connections that have a project open.
pub async fn viewers(cache: &Cache, project_id: Uuid) -> Result<Vec<Connection>> {
    let (ids,): (Vec<String>,) = cache.query(redis::pipe().smembers(open_key(project_id))).await?;
    known(cache, ids, &open_key(project_id)).await
}

/// Returns the connections among `ids` that are still known, and removes the others from `set`.
async fn known(cache: &Cache, ids: Vec<String>, set: &str) -> Result<Vec<Connection>> {
    let (mut connections, mut unknown) = (Vec::new(), redis::pipe());
    for chunk in ids.chunks(CHUNK) {
        let keys: Vec<String> = chunk.iter().map(|id| connection_key(id)).collect();
        let (peers,): (Vec<Option<String>>,) = cache.query(redis::pipe().mget(keys)).await?;
        for (id, peer) in chunk.iter().zip(peers) {
            match peer.as_deref().and_then(Peer::from_text) {
                Some(peer) => connections.push(Connection { id: id.clone(), peer }),
                None => _ = unknown.srem(set, id).ignore(),
            }
        }
    }
    if !unknown.is_empty() {
        cache.query::<()>(&unknown).await?;
    }
    Ok(connections)
}

fn ticket_key(ticket: &str) -> String {
    format!("ticket:{}", URL_SAFE_NO_PAD.encode(Secret::hash(ticket)))
}

// Valkey as AWS runs it is a cluster, and changes keys together only if they are in one slot: the tag in braces makes
// sure of that.

fn connection_key(connection_id: &str) -> String {
    format!("{{live}}:connection:{connection_id}")
}

fn of_user_key(user_id: Uuid) -> String {
    format!("{{live}}:connections:{user_id}")
}

/// The connections that have a project open.
fn open_key(project_id: impl Display) -> String {
    format!("{{live}}:open:{project_id}")
}

/// The projects that a connection has open.
fn opened_key(connection_id: &str) -> String {
    format!("{{live}}:opened:{connection_id}")
}

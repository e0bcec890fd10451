//! `$connect`: opens a connection with a ticket from `POST /v1/realtime/tickets`.

use std::sync::Arc;

use shared::{
    cache::Cache,
    db::{Database, sessions},
    realtime,
};

use crate::{Event, Reply};

/// The state of the route.
pub struct ConnectState {
    /// Postgres.
    pub db: Database,
    /// Redis.
    pub cache: Cache,
}

impl ConnectState {
    /// Creates the state from the environment. Fails if a variable is missing or not valid; the error names the
    /// variable.
    pub fn from_env() -> anyhow::Result<Self> {
        Ok(Self { db: Database::from_env()?, cache: Cache::from_env()? })
    }
}

/// Accepts and stores a connection. Rejects it if the ticket is not valid or the session has ended.
pub async fn handle(state: Arc<ConnectState>, event: Event) -> anyhow::Result<Reply> {
    let Some(ticket) = event.ticket.as_deref().filter(|_| event.is_lifecycle) else { return Ok(Reply::Unauthorized) };
    match open(&state, ticket, &event.connection_id).await {
        Ok(true) => Ok(Reply::Ok),
        Ok(false) => Ok(Reply::Unauthorized),
        Err(shared::Error::Unavailable(_) | shared::Error::TimedOut(_)) => Ok(Reply::Unavailable),
        Err(error) => Err(error.into()),
    }
}

async fn open(state: &ConnectState, ticket: &str, connection_id: &str) -> shared::Result<bool> {
    let Some(peer) = realtime::connect(&state.cache, ticket, connection_id).await? else { return Ok(false) };
    // Checks the session after storing the connection: a session that ends later closes the connection, and one that
    // has ended already is found here.
    let caller = sessions::caller(&mut *state.db.connection().await?, peer.claims()).await?;
    if caller.is_none() {
        realtime::disconnect(&state.cache, connection_id).await?;
    }
    Ok(caller.is_some())
}

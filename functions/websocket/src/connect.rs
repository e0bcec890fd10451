//! `$connect`: opens a connection with a ticket from `POST /v1/realtime/tickets`.

use std::sync::Arc;

use shared::{cache::Cache, realtime};

use crate::{Event, Reply};

/// Lets a connection be opened whose ticket is good, and remembers whose it is.
pub async fn handle(cache: Arc<Cache>, event: Event) -> anyhow::Result<Reply> {
    let Some(ticket) = &event.ticket else { return Ok(Reply::Unauthorized) };
    match realtime::connect(&cache, ticket, &event.connection_id).await {
        Ok(Some(_)) => Ok(Reply::Ok),
        Ok(None) => Ok(Reply::Unauthorized),
        Err(shared::Error::Unavailable(_)) => Ok(Reply::Unavailable),
        Err(error) => Err(error.into()),
    }
}

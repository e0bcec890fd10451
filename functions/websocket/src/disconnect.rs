//! `$disconnect`: forgets a connection.

use std::sync::Arc;

use shared::{cache::Cache, realtime};

use crate::{Event, Reply};

/// Forgets the connection. Without the cache it is forgotten when it expires.
pub async fn handle(cache: Arc<Cache>, event: Event) -> anyhow::Result<Reply> {
    if !event.is_lifecycle {
        return Ok(Reply::Ok);
    }
    match realtime::disconnect(&cache, &event.connection_id).await {
        Ok(()) | Err(shared::Error::Unavailable(_)) => Ok(Reply::Ok),
        Err(error) => Err(error.into()),
    }
}

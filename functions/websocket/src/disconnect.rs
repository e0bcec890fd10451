//! `$disconnect`: deletes a connection.

use std::sync::Arc;

use shared::{cache::Cache, realtime};

use crate::{Event, Reply};

/// Deletes the connection. If the cache is not available, the connection is deleted when it expires.
pub async fn handle(cache: Arc<Cache>, event: Event) -> anyhow::Result<Reply> {
    if !event.is_lifecycle {
        return Ok(Reply::Ok);
    }
    match realtime::disconnect(&cache, &event.connection_id).await {
        Ok(()) | Err(shared::Error::Unavailable(_)) => Ok(Reply::Ok),
        Err(error) => Err(error.into()),
    }
}

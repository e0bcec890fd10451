//! Redis or Valkey, for data that may be lost: rate limits, one-time tickets and connections. Nothing is kept here
//! that cannot be created again.
//!
//! Everything fails open and fast: while the server is unavailable, calls return [`CacheUnavailable`] immediately.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use futures_util::{FutureExt, future::BoxFuture};
use redis::{
    FromRedisValue, RedisError, RedisResult,
    aio::{ConnectionManager, ConnectionManagerConfig},
};
use tokio::sync::OnceCell;

/// How long connecting and each call may take before the server counts as unavailable.
const TIMEOUT: Duration = Duration::from_millis(250);
/// How long calls fail immediately, without trying, after a failure.
const PAUSE: Duration = Duration::from_secs(1);

/// The cache could not be reached. Callers continue without it.
#[derive(Debug, thiserror::Error)]
#[error("the cache is unavailable")]
pub struct CacheUnavailable;

/// A connection that is opened at first use and reconnects by itself.
pub struct Cache {
    client: redis::Client,
    connection: OnceCell<ConnectionManager>,
    paused_until_ms: AtomicU64,
}

impl Cache {
    /// Reads `REDIS_URL` (`redis://…`, or `rediss://…` for TLS). Does not connect yet.
    pub fn from_env() -> anyhow::Result<Self> {
        let url: String = crate::config::required("REDIS_URL")?;
        Ok(Self::new(
            redis::Client::open(url)
                .map_err(|e| crate::config::ConfigError::Invalid { name: "REDIS_URL", reason: e.to_string() })?,
        ))
    }

    /// Creates a cache at the address of `client`.
    pub fn new(client: redis::Client) -> Self {
        Self { client, connection: OnceCell::new(), paused_until_ms: AtomicU64::new(0) }
    }

    /// Runs one pipeline of commands.
    pub async fn query<T: FromRedisValue>(&self, commands: &redis::Pipeline) -> Result<T, CacheUnavailable> {
        if now_ms() < self.paused_until_ms.load(Ordering::Relaxed) {
            return Err(CacheUnavailable);
        }
        let answer = self.answer(commands).await.and_then(|answer| Ok(redis::from_redis_value(answer)?));
        answer.map_err(|error| self.pause(&error))
    }

    /// Not generic, and boxed, so that the client is compiled once, into this library, and not into each function.
    fn answer<'a>(&'a self, commands: &'a redis::Pipeline) -> BoxFuture<'a, RedisResult<redis::Value>> {
        let answer = async {
            let mut connection = self.connection.get_or_try_init(|| self.connect()).await?.clone();
            commands.query_async(&mut connection).await
        };
        answer.boxed()
    }

    async fn connect(&self) -> RedisResult<ConnectionManager> {
        let config = ConnectionManagerConfig::new()
            .set_number_of_retries(0)
            .set_connection_timeout(Some(TIMEOUT))
            .set_response_timeout(Some(TIMEOUT));
        self.client.get_connection_manager_with_config(config).await
    }

    fn pause(&self, error: &RedisError) -> CacheUnavailable {
        let until = now_ms() + u64::try_from(PAUSE.as_millis()).unwrap_or(u64::MAX);
        self.paused_until_ms.store(until, Ordering::Relaxed);
        tracing::warn!(%error, "the cache is unavailable");
        CacheUnavailable
    }

    /// Fails unless the server responds.
    pub async fn ping(&self) -> Result<(), CacheUnavailable> {
        self.query::<(String,)>(redis::pipe().cmd("PING")).await.map(|_| ())
    }

    /// Counts one request of `who` in the current minute. Returns how long to wait if that is more than `limit` (0: no
    /// limit).
    pub async fn count_request(&self, who: &str, limit: u32) -> Result<Option<Duration>, CacheUnavailable> {
        if limit == 0 {
            return Ok(None);
        }
        let seconds = now_ms() / 1000;
        let key = format!("rate:{who}:{}", seconds / 60);
        let (count,): (u32,) = self.query(redis::pipe().incr(&key, 1).expire(&key, 60).ignore()).await?;
        Ok((count > limit).then(|| Duration::from_secs(60 - seconds % 60)))
    }
}

fn now_ms() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| u64::try_from(d.as_millis()).unwrap_or(u64::MAX))
}

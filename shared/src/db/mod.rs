//! All SQL, one file an aggregate, checked at compile time. Functions take a connection: transactions are the caller's.

pub mod attempts;
pub mod clean_up;
pub mod comments;
mod constraints;
pub mod emails;
pub mod idempotency;
pub mod labels;
pub mod locks;
pub mod members;
pub mod mentions;
pub mod names;
pub mod notifications;
pub mod one_time_tokens;
pub mod outbox;
pub mod page;
pub mod preferences;
pub mod projects;
pub mod recurrences;
pub mod reminders;
pub mod report_rows;
pub mod report_subscriptions;
pub mod reports;
pub mod sessions;
pub mod summaries;
pub mod task_history;
pub mod task_list;
pub mod tasks;
pub mod trees;
pub mod users;
pub mod watchers;

use std::time::Duration;

use futures_util::{FutureExt, future::BoxFuture};
use sqlx::{
    Connection, Postgres, Transaction,
    pool::PoolConnection,
    postgres::{PgConnectOptions, PgPoolOptions},
};
pub use sqlx::{PgConnection, PgPool};

use crate::{Error, Result, config};

/// The migrations, embedded. Only the `migrate` function runs them.
pub static MIGRATOR: sqlx::migrate::Migrator = sqlx::migrate!();

/// How long a request waits for a connection before the database counts as away.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(3);
/// A connection that has rested longer than this is tried before it is used: the database may have restarted meanwhile.
pub const RESTED: Duration = Duration::from_millis(100);

/// A pool at `DATABASE_URL`, of one connection: an execution environment serves one event at a time. Connects at first use.
///
/// Behind a proxy that pins sessions on prepared statements, add `?statement-cache-capacity=0` to the URL.
pub fn pool_from_env() -> anyhow::Result<PgPool> {
    Ok(pool(options_from_env()?, 1))
}

/// How to connect to `DATABASE_URL`. A statement ends after `STATEMENT_TIMEOUT_SECONDS`, if that is set: the function would not live to
/// see its answer (docs/adr/0029-a-request-has-bounds.md).
pub fn options_from_env() -> anyhow::Result<PgConnectOptions> {
    let options: PgConnectOptions = config::required("DATABASE_URL")?;
    Ok(match config::optional("STATEMENT_TIMEOUT_SECONDS")? {
        Some(seconds) => with_statement_timeout(options, Duration::from_secs(seconds)),
        None => options,
    })
}

/// The same, but a statement ends after this time.
pub fn with_statement_timeout(options: PgConnectOptions, timeout: Duration) -> PgConnectOptions {
    options.options([("statement_timeout", timeout.as_millis().to_string())])
}

/// Takes a connection of the pool. Fails if the database cannot be reached in time.
///
/// The future is boxed here, like those of [`begin`] and [`commit`], so that connecting is compiled once and not into each function,
/// and its four kilobytes are no part of the future of every request (docs/adr/0034-what-functions-share-is-compiled-once.md).
pub fn acquire(pool: &PgPool) -> BoxFuture<'_, Result<PoolConnection<Postgres>>> {
    async { Ok(pool.acquire().await?) }.boxed()
}

/// Begins a transaction on a connection. It is rolled back when it is dropped before its commit.
pub fn begin(connection: PoolConnection<Postgres>) -> BoxFuture<'static, Result<Transaction<'static, Postgres>>> {
    // As `Pool::begin` does, which would take another connection. In a task of its own it completes also when the request is
    // dropped: otherwise sqlx 0.9.0 takes the connection for one that is in no transaction (transact-rs/sqlx#4385).
    let begun = tokio::spawn(Transaction::begin(connection, None));
    async { Ok(begun.await.map_err(Error::internal)??) }.boxed()
}

/// Commits a transaction.
pub fn commit(transaction: Transaction<'static, Postgres>) -> BoxFuture<'static, Result<()>> {
    async { Ok(transaction.commit().await?) }.boxed()
}

/// A pool of at most `size` connections that survives a restart of the database.
pub fn pool(options: PgConnectOptions, size: u32) -> PgPool {
    PgPoolOptions::new()
        .max_connections(size)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .idle_timeout(None)
        .max_lifetime(None)
        .test_before_acquire(false)
        .before_acquire(|connection, meta| {
            Box::pin(async move { Ok(meta.idle_for < RESTED || connection.ping().await.is_ok()) })
        })
        .connect_lazy_with(options)
}

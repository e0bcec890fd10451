//! Connections to Postgres, and the one that is kept between uses.
//!
//! Generic and `async` code of sqlx is compiled here and not into each function: methods return boxed futures, and the
//! values that they return are dropped by a virtual call (docs/adr/0034-what-functions-share-is-compiled-once.md).

use std::{
    ops::{Deref, DerefMut},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use futures_util::{FutureExt, future::BoxFuture};
use scopeguard::ScopeGuard;
use sqlx::{
    Connection as _, PgConnection, PgPool, Postgres,
    pool::PoolConnection,
    postgres::{PgConnectOptions, PgPoolOptions, PgTransactionManager},
};
use sqlx_core::transaction::TransactionManager;

use super::{
    MIGRATOR,
    tx::{Lease, Tx},
};
use crate::{Result, config};

/// How long a request waits for a connection before the database counts as unavailable.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(3);
/// A connection that has been idle for longer than this is tested before it is used: the database may have restarted.
pub const RESTED: Duration = Duration::from_millis(100);

/// A handle to Postgres. Clones share its connections.
#[derive(Clone)]
pub struct Database(Arc<Inner>);

struct Inner {
    pool: PgPool,
    /// Whether connections are kept.
    keeps: bool,
    /// A connection for the next queries, and since when it is idle.
    kept: Mutex<Option<(PoolConnection<Postgres>, Instant)>>,
    /// The number of callers that are waiting for a connection.
    waiting: AtomicUsize,
}

impl From<PgPool> for Database {
    fn from(pool: PgPool) -> Self {
        Self::new(pool, false)
    }
}

impl Database {
    /// Creates a handle to the database at `DATABASE_URL`, with one connection: an execution environment serves one
    /// event at a time. Connects at first use.
    ///
    /// Behind a proxy that pins sessions on prepared statements, add `?statement-cache-capacity=0` to the URL.
    pub fn from_env() -> anyhow::Result<Self> {
        Self::from_env_with(1)
    }

    /// Like [`Database::from_env`], with at most this many connections.
    pub fn from_env_with(connections: u32) -> anyhow::Result<Self> {
        Ok(pool(options_from_env()?, connections).into())
    }

    fn new(pool: PgPool, keeps: bool) -> Self {
        Self(Arc::new(Inner { pool, keeps, kept: Mutex::default(), waiting: AtomicUsize::new(0) }))
    }

    /// Returns a handle to the same database that keeps a connection for the next use: the pool tests each connection
    /// that is returned to it, which takes a round trip. After an error, [release](Self::release) the connection,
    /// since it may be the cause.
    #[must_use]
    pub fn keeping(&self) -> Self {
        Self::new(self.0.pool.clone(), true)
    }

    /// Returns a connection, for work that sends nothing and is not a transaction. Fails if the database cannot be
    /// reached in time.
    pub fn connection(&self) -> BoxFuture<'_, Result<Connection>> {
        async { Ok(Connection(self.lease().await?)) }.boxed()
    }

    /// Begins a transaction.
    pub fn begin(&self) -> BoxFuture<'_, Result<Tx>> {
        async {
            let mut tx = Tx::new(self.lease().await?);
            tx.begin().await?;
            Ok(tx)
        }
        .boxed()
    }

    /// Returns a [`Tx`] for a change that is a single statement, which is a transaction by itself: no `BEGIN` or
    /// `COMMIT` is sent.
    pub fn statement(&self) -> BoxFuture<'_, Result<Tx>> {
        async { Ok(Tx::new(self.lease().await?)) }.boxed()
    }

    /// Returns the connection that is kept to the pool, which tests it. Call it after an error: the connection may be
    /// the cause.
    pub fn release(&self) {
        drop(self.0.replace(None));
    }

    /// Fails unless the database responds.
    pub fn ping(&self) -> BoxFuture<'_, Result<()>> {
        async { Ok(self.lease().await?.connection_mut().ping().await?) }.boxed()
    }

    /// Runs every new migration and returns the number of all migrations. Concurrent calls wait for one another.
    pub fn migrate(&self) -> BoxFuture<'_, Result<usize>> {
        async {
            MIGRATOR.run(&self.0.pool).await.map_err(crate::Error::internal)?;
            Ok(MIGRATOR.iter().count())
        }
        .boxed()
    }

    async fn lease(&self) -> Result<Box<dyn Lease>> {
        let connection = self.0.take().await?;
        let held = Held { connection, home: self.clone(), is_beginning: false };
        Ok(Box::new(scopeguard::guard(held, Held::give_back as fn(Held))))
    }
}

impl Inner {
    /// Returns the connection that is kept, or one of the pool. A connection that has been idle for too long is first
    /// returned to the pool, which tests it.
    async fn take(&self) -> Result<PoolConnection<Postgres>> {
        // Counted before the check: a connection that is released after that is returned to the pool, on which this
        // waits.
        self.waiting.fetch_add(1, Ordering::AcqRel);
        let _waiting = scopeguard::guard((), |()| _ = self.waiting.fetch_sub(1, Ordering::AcqRel));
        match self.replace(None).filter(|(_, since)| since.elapsed() < RESTED) {
            Some((connection, _)) => Ok(connection),
            None => self.acquire().await,
        }
    }

    /// Boxed, so that its four kilobytes are not a part of the future of every request.
    fn acquire(&self) -> BoxFuture<'_, Result<PoolConnection<Postgres>>> {
        async { Ok(self.pool.acquire().await?) }.boxed()
    }

    fn keep(&self, connection: PoolConnection<Postgres>) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if self.keeps && self.waiting.load(Ordering::Acquire) == 0 {
            *kept = Some((connection, Instant::now()));
        }
    }

    fn replace(
        &self,
        kept: Option<(PoolConnection<Postgres>, Instant)>,
    ) -> Option<(PoolConnection<Postgres>, Instant)> {
        std::mem::replace(&mut self.kept.lock().unwrap_or_else(PoisonError::into_inner), kept)
    }
}

/// A connection for work that sends nothing and is not a transaction. It is returned when it is dropped.
pub struct Connection(Box<dyn Lease>);

impl Deref for Connection {
    type Target = PgConnection;

    fn deref(&self) -> &PgConnection {
        self.0.connection()
    }
}

impl DerefMut for Connection {
    fn deref_mut(&mut self) -> &mut PgConnection {
        self.0.connection_mut()
    }
}

/// `sqlx::Transaction` owns its connection, and returns it to the pool in the end. This does the same with a
/// connection that stays, so that a single statement can become a transaction, and the connection can be kept after a
/// commit.
struct Held {
    connection: PoolConnection<Postgres>,
    home: Database,
    /// Whether `BEGIN` was sent and its response has not arrived.
    is_beginning: bool,
}

impl Held {
    fn give_back(mut self) {
        if self.is_beginning {
            // sqlx 0.9.0 treats it as one that is in no transaction (transact-rs/sqlx#4385).
            self.connection.close_on_drop();
        } else if PgTransactionManager::get_transaction_depth(&self.connection) > 0 {
            // The pool sends it when it tests the connection.
            PgTransactionManager::start_rollback(&mut self.connection);
        } else {
            self.home.0.keep(self.connection);
        }
    }
}

impl Lease for ScopeGuard<Held, fn(Held)> {
    fn connection(&self) -> &PgConnection {
        &self.connection
    }

    fn connection_mut(&mut self) -> &mut PgConnection {
        &mut self.connection
    }

    fn begin(&mut self) -> BoxFuture<'_, Result<()>> {
        async {
            if PgTransactionManager::get_transaction_depth(&self.connection) == 0 {
                self.is_beginning = true;
                PgTransactionManager::begin(&mut self.connection, None).await?;
                self.is_beginning = false;
            }
            Ok(())
        }
        .boxed()
    }

    fn commit(&mut self) -> BoxFuture<'_, Result<()>> {
        async { Ok(PgTransactionManager::commit(&mut self.connection).await?) }.boxed()
    }
}

/// Returns the options for connecting to `DATABASE_URL`. A statement is cancelled after `STATEMENT_TIMEOUT_SECONDS`,
/// if that is set: the function would end before the response (docs/adr/0029-a-request-has-bounds.md).
fn options_from_env() -> anyhow::Result<PgConnectOptions> {
    let options: PgConnectOptions = config::required("DATABASE_URL")?;
    Ok(match config::optional("STATEMENT_TIMEOUT_SECONDS")? {
        Some(seconds) => with_statement_timeout(options, Duration::from_secs(seconds)),
        None => options,
    })
}

/// Returns options with which a statement is cancelled after this time.
pub fn with_statement_timeout(options: PgConnectOptions, timeout: Duration) -> PgConnectOptions {
    options.options([("statement_timeout", timeout.as_millis().to_string())])
}

/// Creates a pool of at most `size` connections that survives a restart of the database.
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

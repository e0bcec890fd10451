use std::{
    ops::{Deref, DerefMut},
    sync::{Arc, Mutex, PoisonError},
    time::Instant,
};

use shared::{
    Error,
    auth::{Signer, UnsubscribeKey, Verifier},
    cache::Cache,
    config,
    db::{self, PgConnection, PgPool, outbox::Outgoing},
    queue::Queues,
    storage::Storage,
};
use sqlx::{Postgres, Transaction, pool::PoolConnection};

const UNSUBSCRIBE_KEY: &str = "UNSUBSCRIBE_KEY";

/// What every handler shares. It is made once, at cold start; connections are opened at first use.
#[derive(Clone)]
pub struct AppState(Arc<Inner>);

struct Inner {
    parts: Parts,
    /// A connection for the next queries, and since when it rests: the pool asks the database whether each that comes back is well,
    /// and that is a round trip.
    kept: Mutex<Option<(PoolConnection<Postgres>, Instant)>>,
    /// Each request that is being answered holds a copy.
    busy: Arc<()>,
}

/// What is written as one: all of it, or nothing.
pub enum Work<'a> {
    /// A single statement, which needs no transaction around it.
    Statement(Box<dyn DerefMut<Target = PoolConnection<Postgres>> + Send + 'a>),
    /// Statements that belong together.
    Transaction(Transaction<'static, Postgres>),
}

impl From<Transaction<'static, Postgres>> for Work<'_> {
    fn from(transaction: Transaction<'static, Postgres>) -> Self {
        Self::Transaction(transaction)
    }
}

impl Deref for Work<'_> {
    type Target = PgConnection;

    fn deref(&self) -> &PgConnection {
        match self {
            Self::Statement(connection) => connection,
            Self::Transaction(transaction) => transaction,
        }
    }
}

impl DerefMut for Work<'_> {
    fn deref_mut(&mut self) -> &mut PgConnection {
        match self {
            Self::Statement(connection) => connection,
            Self::Transaction(transaction) => transaction,
        }
    }
}

/// The parts of the state, for tests to put together.
pub struct Parts {
    /// Postgres.
    pub db: PgPool,
    /// Redis.
    pub cache: Cache,
    /// Verifies access tokens.
    pub verifier: Verifier,
    /// Makes access tokens; only in the functions that log people in.
    pub signer: Option<Signer>,
    /// The queues; a function has the addresses of those that it sends to.
    pub queues: Queues,
    /// Checks the links that end mails; only in the functions behind them.
    pub unsubscribe: Option<UnsubscribeKey>,
    /// Where reports are downloaded from; only in the functions that say where.
    pub storage: Option<Storage>,
    /// The rest of the configuration.
    pub settings: Settings,
}

/// Plain configuration.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where the API is reached, up to before `/v1`.
    pub public_url: String,
    /// Where WebSocket clients connect.
    pub websocket_url: String,
    /// Requests a minute and address to endpoints that need no log-in; 0: no limit.
    pub open_per_minute: u32,
    /// Requests a minute and user; 0: no limit.
    pub user_per_minute: u32,
}

impl Settings {
    fn from_env() -> anyhow::Result<Self> {
        Ok(Self {
            public_url: config::required("PUBLIC_URL")?,
            websocket_url: config::required("WEBSOCKET_URL")?,
            open_per_minute: config::optional("RATE_LIMIT_OPEN_PER_MINUTE")?.unwrap_or(60),
            user_per_minute: config::optional("RATE_LIMIT_USER_PER_MINUTE")?.unwrap_or(600),
        })
    }
}

impl AppState {
    /// Reads the environment. Fails with a message that names the variable. A function that issues tokens must have the key.
    pub fn from_env(issues_tokens: bool) -> anyhow::Result<Self> {
        Ok(Self::new(Parts {
            db: db::pool_from_env()?,
            cache: Cache::from_env()?,
            verifier: Verifier::from_env()?,
            signer: issues_tokens.then(Signer::from_env).transpose()?,
            queues: Queues::from_env()?,
            unsubscribe: config::optional::<String>(UNSUBSCRIBE_KEY)?.map(|key| UnsubscribeKey::new(&key)),
            storage: Storage::optional_from_env()?,
            settings: Settings::from_env()?,
        }))
    }

    /// A state of these parts.
    pub fn new(parts: Parts) -> Self {
        Self(Arc::new(Inner { parts, kept: Mutex::default(), busy: Arc::default() }))
    }

    /// A connection. When it is dropped it is kept for what is asked of the database next, by this request or another.
    pub async fn connection(&self) -> shared::Result<impl DerefMut<Target = PoolConnection<Postgres>> + '_> {
        let keep = |connection| _ = self.replace(Some((connection, Instant::now())));
        Ok(scopeguard::guard(self.take().await?, keep))
    }

    /// A transaction. It is rolled back when it is dropped before its commit: its connection goes back to the pool, which sees to that.
    pub async fn begin(&self) -> shared::Result<Transaction<'static, Postgres>> {
        db::begin(self.take().await?).await
    }

    /// A connection for a change that is a single statement.
    pub async fn statement(&self) -> shared::Result<Work<'_>> {
        Ok(Work::Statement(Box::new(self.connection().await?)))
    }

    /// A request begins. It ends when what this answers is dropped.
    pub(crate) fn enter(&self) -> Arc<()> {
        Arc::clone(&self.0.busy)
    }

    /// Whether others than the request that asks are being answered. Lambda sends one at a time.
    pub(crate) fn is_shared(&self) -> bool {
        Arc::strong_count(&self.0.busy) > 2
    }

    /// Gives the connection that is kept back to the pool: a request failed, perhaps because of it, or others wait for it.
    pub(crate) fn release(&self) {
        self.replace(None);
    }

    /// The connection that is kept, or one of the pool. One that has rested goes back first, as the database may have restarted.
    async fn take(&self) -> shared::Result<PoolConnection<Postgres>> {
        match self.replace(None).filter(|(_, since)| since.elapsed() < db::RESTED) {
            Some((connection, _)) => Ok(connection),
            None => db::acquire(&self.db).await,
        }
    }

    fn replace(
        &self,
        kept: Option<(PoolConnection<Postgres>, Instant)>,
    ) -> Option<(PoolConnection<Postgres>, Instant)> {
        std::mem::replace(&mut self.0.kept.lock().unwrap_or_else(PoisonError::into_inner), kept)
    }

    /// The key that makes tokens.
    pub fn signer(&self) -> shared::Result<&Signer> {
        self.signer.as_ref().ok_or_else(|| Error::internal(config::ConfigError::Missing("JWT_SIGNING_KEY")))
    }

    /// The key that checks links which end mails.
    pub fn unsubscribe_key(&self) -> shared::Result<&UnsubscribeKey> {
        self.unsubscribe.as_ref().ok_or_else(|| Error::internal(config::ConfigError::Missing(UNSUBSCRIBE_KEY)))
    }

    /// Where reports are downloaded from.
    pub fn storage(&self) -> shared::Result<&Storage> {
        self.storage.as_ref().ok_or_else(|| Error::internal(config::ConfigError::Missing("REPORTS_BUCKET")))
    }

    /// Commits a change and sends what it wrote to the outbox. If that fails, the relay sends it: the request succeeded all the same.
    pub async fn commit(&self, work: impl Into<Work<'_>>, outgoing: Outgoing) -> shared::Result<()> {
        if let Work::Transaction(transaction) = work.into() {
            db::commit(transaction).await?;
        }
        self.queues.dispatch(outgoing).await;
        Ok(())
    }
}

impl Deref for AppState {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0.parts
    }
}

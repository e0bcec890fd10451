use std::{ops::Deref, sync::Arc};

use futures_util::future::BoxFuture;
use shared::{
    Error, Result,
    auth::{Signer, UnsubscribeKey, Verifier},
    cache::Cache,
    config,
    db::{Connection, Database, Tx},
    queue::Queues,
    storage::Storage,
};

use crate::{Bucket, Function, Key};

const UNSUBSCRIBE_KEY: &str = "UNSUBSCRIBE_KEY";

/// What every handler shares. It is made once, at cold start; connections are opened at first use.
#[derive(Clone)]
pub struct AppState(Arc<Parts>);

/// The parts of the state, for tests to put together.
pub struct Parts {
    /// Postgres.
    pub db: Database,
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
            open_per_minute: config::required("RATE_LIMIT_OPEN_PER_MINUTE")?,
            user_per_minute: config::required("RATE_LIMIT_USER_PER_MINUTE")?,
        })
    }
}

impl AppState {
    /// Reads the environment of a function. Fails with a message that names the variable if one is missing or makes no sense.
    pub fn from_env(function: &Function) -> anyhow::Result<Self> {
        Ok(Self::new(Parts {
            db: Database::from_env()?,
            cache: Cache::from_env()?,
            verifier: Verifier::from_env()?,
            signer: function.keys.contains(&Key::Signing).then(Signer::from_env).transpose()?,
            queues: Queues::from_env(function.sends)?,
            unsubscribe: function.keys.contains(&Key::Unsubscribe).then(UnsubscribeKey::from_env).transpose()?,
            storage: function.reads.contains(&Bucket::Reports).then(Storage::from_env).transpose()?,
            settings: Settings::from_env()?,
        }))
    }

    /// A state of these parts. A connection is kept from one use to the next.
    pub fn new(parts: Parts) -> Self {
        Self(Arc::new(Parts { db: parts.db.keeping(), ..parts }))
    }

    /// Returns a connection, for what changes nothing, or sends nothing and is a single statement.
    pub fn connection(&self) -> BoxFuture<'_, Result<Connection>> {
        self.db.connection()
    }

    /// Begins a transaction. It is rolled back when it is dropped before its commit.
    pub fn begin(&self) -> BoxFuture<'_, Result<Tx>> {
        self.db.begin()
    }

    /// Returns a [`Tx`] for a change that is a single statement.
    pub fn statement(&self) -> BoxFuture<'_, Result<Tx>> {
        self.db.statement()
    }

    /// The key that makes tokens.
    pub fn signer(&self) -> Result<&Signer> {
        self.signer.as_ref().ok_or_else(|| Error::internal(config::ConfigError::Missing("JWT_SIGNING_KEY")))
    }

    /// The key that checks links which end mails.
    pub fn unsubscribe_key(&self) -> Result<&UnsubscribeKey> {
        self.unsubscribe.as_ref().ok_or_else(|| Error::internal(config::ConfigError::Missing(UNSUBSCRIBE_KEY)))
    }

    /// Where reports are downloaded from.
    pub fn storage(&self) -> Result<&Storage> {
        self.storage.as_ref().ok_or_else(|| Error::internal(config::ConfigError::Missing("REPORTS_BUCKET")))
    }
}

impl Deref for AppState {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

use std::{ops::Deref, sync::Arc, time::Duration};

use futures_util::future::BoxFuture;
use shared::{
    Error, Result,
    auth::{RefreshKey, Signer, UnsubscribeKey, Verifier},
    cache::Cache,
    config,
    db::{Connection, Database, Tx},
    queue::Queues,
    storage::Storage,
};

use crate::{Bucket, Function, Key, SessionCookies};

const UNSUBSCRIBE_KEY: &str = "UNSUBSCRIBE_KEY";

/// The state that all handlers share. It is created once, at cold start. Connections are opened at first use.
#[derive(Clone)]
pub struct AppState(Arc<Parts>);

/// The parts of the state. Tests create their own.
pub struct Parts {
    /// Postgres.
    pub db: Database,
    /// Redis.
    pub cache: Cache,
    /// Verifies access tokens.
    pub verifier: Verifier,
    /// Signs access tokens. Only set in functions that log users in.
    pub signer: Option<Signer>,
    /// Derives the successors of refresh tokens. Only set in the function that refreshes sessions.
    pub refresh: Option<RefreshKey>,
    /// The queues that the function sends to.
    pub queues: Queues,
    /// Verifies unsubscribe links. Only set in the functions that serve them.
    pub unsubscribe: Option<UnsubscribeKey>,
    /// The storage of report files. Only set in functions that return download links.
    pub storage: Option<Storage>,
    /// The rest of the configuration.
    pub settings: Settings,
}

/// The settings that are plain values.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The origin of the browser client, which serves the API below `/v1`.
    pub public_url: String,
    /// The cookies of sessions. `None` if the public URL does not permit any.
    pub cookies: Option<SessionCookies>,
    /// How long a refresh token can be used again after its first use.
    pub refresh_grace: Duration,
    /// The secret that the content delivery network sends with each request. Without it, or on a request without it,
    /// the address of the client is that of the connection.
    pub origin_secret: Option<String>,
    /// The URL that WebSocket clients connect to.
    pub websocket_url: String,
    /// The maximum number of requests per minute from one IP address to endpoints without authentication. 0 means no
    /// limit.
    pub open_per_minute: u32,
    /// The maximum number of requests per minute from one user. 0 means no limit.
    pub user_per_minute: u32,
}

impl Settings {
    fn from_env() -> anyhow::Result<Self> {
        let public_url: String = config::required("PUBLIC_URL")?;
        Ok(Self {
            cookies: SessionCookies::new(&public_url),
            public_url,
            refresh_grace: Duration::from_secs(config::required("REFRESH_GRACE_SECONDS")?),
            origin_secret: config::optional("ORIGIN_SECRET")?,
            websocket_url: config::required("WEBSOCKET_URL")?,
            open_per_minute: config::required("RATE_LIMIT_OPEN_PER_MINUTE")?,
            user_per_minute: config::required("RATE_LIMIT_USER_PER_MINUTE")?,
        })
    }
}

impl AppState {
    /// Creates the state of a function from its environment. Fails if a variable is missing or not valid; the error
    /// names the variable.
    pub fn from_env(function: &Function) -> anyhow::Result<Self> {
        Ok(Self::new(Parts {
            db: Database::from_env()?,
            cache: Cache::from_env()?,
            verifier: Verifier::from_env()?,
            signer: function.keys.contains(&Key::Signing).then(Signer::from_env).transpose()?,
            refresh: function.keys.contains(&Key::Refresh).then(RefreshKey::from_env).transpose()?,
            queues: Queues::from_env(function.sends)?,
            unsubscribe: function.keys.contains(&Key::Unsubscribe).then(UnsubscribeKey::from_env).transpose()?,
            storage: function.reads.contains(&Bucket::Reports).then(Storage::from_env).transpose()?,
            settings: Settings::from_env()?,
        }))
    }

    /// Creates a state from its parts. The database connection is kept and reused.
    pub fn new(parts: Parts) -> Self {
        Self(Arc::new(Parts { db: parts.db.keeping(), ..parts }))
    }

    /// Returns a connection, for statements that only read, or for a single statement that sends no messages.
    pub fn connection(&self) -> BoxFuture<'_, Result<Connection>> {
        self.db.connection()
    }

    /// Begins a transaction. It is rolled back if it is dropped without a commit.
    pub fn begin(&self) -> BoxFuture<'_, Result<Tx>> {
        self.db.begin()
    }

    /// Returns a [`Tx`] for a change that is a single statement.
    pub fn statement(&self) -> BoxFuture<'_, Result<Tx>> {
        self.db.statement()
    }

    /// Returns the key that signs access tokens. Fails if the function does not have it.
    pub fn signer(&self) -> Result<&Signer> {
        self.signer.as_ref().ok_or_else(|| Error::internal(config::ConfigError::Missing("JWT_SIGNING_KEY")))
    }

    /// Returns the key that derives refresh tokens. Fails if the function does not have it.
    pub fn refresh_key(&self) -> Result<&RefreshKey> {
        self.refresh.as_ref().ok_or_else(|| Error::internal(config::ConfigError::Missing("REFRESH_KEY")))
    }

    /// Returns the key that verifies unsubscribe links. Fails if the function does not have it.
    pub fn unsubscribe_key(&self) -> Result<&UnsubscribeKey> {
        self.unsubscribe.as_ref().ok_or_else(|| Error::internal(config::ConfigError::Missing(UNSUBSCRIBE_KEY)))
    }

    /// Returns the storage of report files. Fails if the function does not have it.
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

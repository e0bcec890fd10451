use std::{sync::Arc, time::Duration};

use shared::{
    Error,
    auth::{Signer, Verifier},
    cache::Cache,
    config,
    db::{self, PgPool},
    queue::{Message, Queue},
};
use sqlx::{Postgres, Transaction};

/// How long a request may wait for a queue before it leaves the message to the relay.
const SEND_TIMEOUT: Duration = Duration::from_secs(2);

/// What every handler shares. It is made once, at cold start; connections are opened at first use.
#[derive(Clone)]
pub struct AppState(Arc<Parts>);

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
    /// The queue of mails; only in the functions that order any.
    pub emails: Option<Queue>,
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
            emails: config::optional("EMAILS_QUEUE_URL")?.map(Queue::new),
            settings: Settings::from_env()?,
        }))
    }

    /// A state of these parts.
    pub fn new(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }

    /// A transaction. It is rolled back when it is dropped before its commit.
    pub async fn begin(&self) -> shared::Result<Transaction<'static, Postgres>> {
        Ok(self.db.begin().await?)
    }

    /// The key that makes tokens.
    pub fn signer(&self) -> shared::Result<&Signer> {
        self.signer.as_ref().ok_or_else(|| Error::internal(config::ConfigError::Missing("JWT_SIGNING_KEY")))
    }

    /// Sends a mail's message, whose outbox row is committed. If that fails, the relay sends it: the request succeeded all the same.
    pub async fn send_email(&self, message: Message) {
        let sending = tokio::time::timeout(SEND_TIMEOUT, async {
            let queue = self.emails.as_ref().ok_or(config::ConfigError::Missing("EMAILS_QUEUE_URL"))?;
            let sent = queue.send(&[message]).await?;
            db::outbox::mark_sent(&mut *self.db.acquire().await?, &sent).await?;
            anyhow::Ok(())
        });
        if let Err(error) = sending.await.unwrap_or_else(|timeout| Err(timeout.into())) {
            tracing::warn!(error = %format!("{error:#}"), "a mail is left to the relay");
        }
    }
}

impl std::ops::Deref for AppState {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

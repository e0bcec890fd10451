//! Migrates the database and creates the first administrator.

use std::sync::Arc;

use lambda_runtime::LambdaEvent;
use serde_json::{Value, json};
use shared::{
    auth::hash_password,
    config,
    db::{Database, users},
    domain::account::{Role, normalize_email},
    queue::Queues,
};

/// The job that migrates the database and creates the first administrator.
pub struct Migrate {
    db: Database,
    admin_email: String,
    admin_password: String,
}

impl Migrate {
    /// Creates the job from the environment. Fails if a variable is missing or not valid; the error names the
    /// variable.
    pub fn from_env() -> anyhow::Result<Self> {
        let admin_email: String = config::required("ADMIN_EMAIL")?;
        Ok(Self::new(Database::from_env()?, &admin_email, config::required("ADMIN_PASSWORD")?))
    }

    /// Creates the job from its parts.
    pub fn new(db: Database, admin_email: &str, admin_password: String) -> Self {
        Self { db, admin_email: normalize_email(admin_email), admin_password }
    }

    /// Runs the job: applies all new migrations, and creates the administrator. Does nothing if both are done already.
    /// Concurrent runs wait for each other.
    pub async fn handle(self: Arc<Self>, _: LambdaEvent<Value>) -> anyhow::Result<Value> {
        let migrations = self.db.migrate().await?;
        let made = self.make_administrator().await?;
        tracing::info!(migrations, administrator.made = made, "migrate");
        Ok(json!({ "migrations": migrations, "administrator_made": made }))
    }

    /// Creates the administrator, unless an account with the address exists: a password that was changed is kept.
    /// Returns whether the account was created. Fails if `ADMIN_PASSWORD` has fewer than 10 characters.
    pub async fn make_administrator(&self) -> anyhow::Result<bool> {
        let mut tx = self.db.begin().await?;
        if users::credentials(&mut tx, &self.admin_email).await?.is_some() {
            return Ok(false);
        }
        anyhow::ensure!(self.admin_password.chars().count() >= 10, "ADMIN_PASSWORD must have at least 10 characters");
        let administrator = users::NewUser {
            email: &self.admin_email,
            name: "Administrator",
            password_hash: &hash_password(&self.admin_password)?,
            role: Role::Admin,
            time_zone: "UTC",
        };
        let administrator = users::create(&mut tx, &administrator).await?;
        users::set_email_verified(&mut tx, administrator.id).await?;
        tx.commit(&Queues::none()).await?;
        Ok(true)
    }
}

//! People.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// What a person may do, from the least to the most: roles compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "user_role", rename_all = "snake_case")]
pub enum Role {
    /// Works on tasks in projects they were added to.
    User,
    /// Creates projects and manages their own.
    Manager,
    /// Manages accounts and everything else.
    Admin,
}

/// An account, as the API shows it.
#[derive(Debug, Clone, Serialize, ToSchema, sqlx::FromRow)]
pub struct User {
    /// A UUIDv7.
    pub id: Uuid,
    /// Normalised: trimmed and in lower case.
    pub email: String,
    /// What others see.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// An IANA time zone. Summaries and quiet hours follow it.
    #[schema(example = "Europe/Berlin")]
    pub time_zone: String,
    /// Someone who is not active cannot log in, and their sessions are over.
    pub active: bool,
    /// Whether the link in the verification mail was followed.
    pub email_verified: bool,
    /// When they registered.
    pub created_at: DateTime<Utc>,
    /// When the account last changed.
    pub updated_at: DateTime<Utc>,
    /// Counts changes; it travels as the `ETag`.
    #[serde(skip)]
    pub version: i64,
}

/// One log-in on one device.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Session {
    /// A UUIDv7.
    pub id: Uuid,
    /// What the device called itself when it logged in.
    pub user_agent: String,
    /// The address it logged in from.
    pub ip_address: String,
    /// Whether it is the one that asks.
    pub current: bool,
    /// When it logged in.
    pub created_at: DateTime<Utc>,
    /// When it last refreshed its tokens.
    pub last_used_at: DateTime<Utc>,
    /// When it ends unless it is used before.
    pub expires_at: DateTime<Utc>,
}

/// How an address is stored and looked up: addresses that differ in case or outer space are one.
pub fn normalize_email(email: &str) -> String {
    email.trim().to_lowercase()
}

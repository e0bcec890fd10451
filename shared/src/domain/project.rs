//! Projects and who belongs to them.

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::account::Role;

/// A project, as the API shows it.
#[derive(Debug, Clone, Serialize, ToSchema, sqlx::FromRow)]
pub struct Project {
    /// A UUIDv7.
    pub id: Uuid,
    /// What the keys of its tasks begin with. It never changes, so that `WEB-42` stays what it was.
    #[schema(example = "WEB")]
    pub key: String,
    /// One line.
    pub name: String,
    /// Markdown.
    pub description: String,
    /// Whose it is: who created it, or whom it was handed on to.
    pub owner_id: Uuid,
    /// Whether it is its owner's Inbox.
    pub personal: bool,
    /// When it was created.
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
    /// Counts changes; it also travels as the `ETag`.
    pub version: i64,
}

/// Someone who belongs to a project.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Member {
    /// The user's id.
    pub user_id: Uuid,
    /// What others see.
    pub name: String,
    /// Their address.
    pub email: String,
    /// What they may do.
    pub role: Role,
    /// Whether they can log in.
    pub active: bool,
    /// When they were added.
    pub added_at: DateTime<Utc>,
}

/// Keys such as `IN7` belong to personal projects: nobody may choose one.
pub fn is_reserved_key(key: &str) -> bool {
    key.strip_prefix("IN").is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::is_reserved_key;

    #[test]
    fn only_the_keys_of_inboxes_are_reserved() {
        assert!(is_reserved_key("IN7") && is_reserved_key("IN12345"));
        assert!(!is_reserved_key("INFRA") && !is_reserved_key("IN7A") && !is_reserved_key("IN"));
    }
}

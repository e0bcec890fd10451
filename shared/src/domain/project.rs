//! Projects and who belongs to them.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::account::Role;

/// A project, as the API shows it.
#[derive(Debug, Clone, Serialize, ToSchema, sqlx::FromRow)]
pub struct Project {
    /// A UUIDv7.
    pub id: Uuid,
    /// The prefix of the keys of its tasks, such as `WEB` of `WEB-42`. It never changes.
    #[schema(example = "WEB")]
    pub key: String,
    /// One line.
    pub name: String,
    /// Markdown.
    pub description: String,
    /// The owner: its creator, or the person to whom it was transferred.
    pub owner_id: Uuid,
    /// Whether it is the Inbox of its owner.
    pub personal: bool,
    /// Whether the caller watches it: then they are notified of everything that happens to its tasks.
    pub watching: bool,
    /// When it was created.
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
    /// The version, which is incremented by each change. It is also the `ETag`.
    pub version: i64,
}

/// A project in a list.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ListedProject {
    /// The project.
    #[serde(flatten)]
    pub project: Project,
    /// Number of open tasks, at most 1,000. Only with counts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub open_count: Option<i64>,
    /// Number of open tasks whose due date has passed, at most 1,000. Only with counts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub overdue_count: Option<i64>,
    /// Number of notifications about the project and the tasks in it that the caller has neither read nor snoozed, at
    /// most 1,000. Only with counts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unread_count: Option<i64>,
}

/// Numbers about a project. Each counts to 1,000.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProjectCounts {
    /// Open tasks.
    pub open: i64,
    /// Open tasks whose due date has passed.
    pub overdue: i64,
    /// Notifications that a person has neither read nor snoozed.
    pub unread: i64,
}

impl ListedProject {
    /// Creates an item of a list.
    pub fn new(project: Project, counts: Option<ProjectCounts>) -> Self {
        Self {
            project,
            open_count: counts.map(|counts| counts.open),
            overdue_count: counts.map(|counts| counts.overdue),
            unread_count: counts.map(|counts| counts.unread),
        }
    }
}

/// Whether a lookup finds what is in the trash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trash {
    /// It finds only what is in use.
    Excluded,
    /// It finds only what is in the trash.
    Only,
    /// It finds both.
    Included,
}

impl Trash {
    /// Returns whether what is found must be in the trash; `None` if it may be or not.
    pub fn in_trash(self) -> Option<bool> {
        match self {
            Self::Excluded => Some(false),
            Self::Only => Some(true),
            Self::Included => None,
        }
    }
}

/// The role of a person in a project, from the least to the most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "project_role", rename_all = "snake_case")]
pub enum ProjectRole {
    /// Sees everything, comments and watches, and changes nothing else.
    Viewer,
    /// Creates tasks, and changes those that they created or are assigned to.
    Member,
    /// Changes the project, everything in it, and its members.
    Manager,
}

/// A member of a project.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Member {
    /// The user's id.
    pub user_id: Uuid,
    /// Name that other users see.
    pub name: String,
    /// E-mail address.
    pub email: String,
    /// Their role in the project. The owner is a manager.
    pub role: ProjectRole,
    /// The role of their account.
    pub account_role: Role,
    /// Whether the account is active.
    pub active: bool,
    /// When they were added.
    pub added_at: DateTime<Utc>,
}

/// Returns whether a key such as `IN7` is reserved for personal projects.
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

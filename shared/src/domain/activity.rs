//! What happened to tasks, and which of their fields changed.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

/// A field of a task that changed. It is stored and shown under its name in [`Task`](super::task::Task).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the variants are the fields of a task")]
pub enum TaskField {
    ProjectId,
    Title,
    Description,
    Status,
    Priority,
    DueAt,
    AssigneeId,
    ParentId,
    Labels,
    Recurrence,
    /// The text of one of its comments.
    Comment,
    /// A field that only another version of this code has.
    #[serde(other)]
    Unknown,
}

impl TaskField {
    /// Whether its values are ids.
    pub fn is_id(self) -> bool {
        matches!(self, Self::ProjectId | Self::AssigneeId | Self::ParentId)
    }
}

/// A change of one field.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Change {
    /// The field of the task.
    #[schema(value_type = String, example = "status")]
    pub field: TaskField,
    /// The value before.
    #[schema(value_type = Value)]
    pub from: Value,
    /// The value after.
    #[schema(value_type = Value)]
    pub to: Value,
}

/// The kind of an entry in the history of a task. If several fit, it is the first of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ActivityKind {
    /// The task came to be.
    Created,
    /// The task moved to another project.
    Moved,
    /// The assignee changed.
    Assigned,
    /// The status changed.
    StatusChanged,
    /// Other fields changed.
    Updated,
    /// The task was moved to the trash.
    Deleted,
    /// The task was restored from the trash.
    Restored,
    /// A comment was written.
    Commented,
    /// A comment was changed.
    CommentUpdated,
    /// A comment was deleted.
    CommentDeleted,
}

impl ActivityKind {
    /// Returns the name under which the kind is stored and shown.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Moved => "moved",
            Self::Assigned => "assigned",
            Self::StatusChanged => "status_changed",
            Self::Updated => "updated",
            Self::Deleted => "deleted",
            Self::Restored => "restored",
            Self::Commented => "commented",
            Self::CommentUpdated => "comment_updated",
            Self::CommentDeleted => "comment_deleted",
        }
    }

    /// Returns the kind of a set of changes.
    pub fn from_changes(changes: &[Change]) -> Self {
        let has = |field| changes.iter().any(|change| change.field == field);
        match () {
            () if has(TaskField::ProjectId) => Self::Moved,
            () if has(TaskField::AssigneeId) => Self::Assigned,
            () if has(TaskField::Status) => Self::StatusChanged,
            () => Self::Updated,
        }
    }
}

/// An entry in the history of a task.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Activity {
    /// A UUIDv7.
    pub id: Uuid,
    /// The task.
    pub task_id: Uuid,
    /// The user who did it.
    pub actor_id: Uuid,
    // The stored text: after a rollback, an older version must show a kind that only a newer one has.
    /// What happened.
    #[schema(value_type = ActivityKind)]
    pub kind: String,
    /// The changed fields.
    pub changes: Vec<Change>,
    /// When it happened.
    pub created_at: DateTime<Utc>,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn fields_are_stored_under_their_names_in_tasks() {
        for (field, name) in [
            (TaskField::ProjectId, "project_id"),
            (TaskField::Title, "title"),
            (TaskField::Description, "description"),
            (TaskField::Status, "status"),
            (TaskField::Priority, "priority"),
            (TaskField::DueAt, "due_at"),
            (TaskField::AssigneeId, "assignee_id"),
            (TaskField::ParentId, "parent_id"),
            (TaskField::Labels, "labels"),
            (TaskField::Recurrence, "recurrence"),
            (TaskField::Comment, "comment"),
        ] {
            assert_eq!((json!(field), serde_json::from_value(json!(name)).ok()), (json!(name), Some(field)));
        }
        assert_eq!(serde_json::from_value::<TaskField>(json!("estimate")).unwrap(), TaskField::Unknown);
    }

    #[test]
    fn kinds_are_stored_under_their_names_in_the_api() {
        for kind in [ActivityKind::Created, ActivityKind::StatusChanged, ActivityKind::CommentDeleted] {
            assert_eq!(json!(kind), kind.as_str());
        }
    }
}

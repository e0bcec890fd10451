//! The feed of a project: its changes, in the order in which they were committed.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{
    ToSchema,
    openapi::{Object, ObjectBuilder, Ref, Schema, SchemaFormat, Type, schema::AnyOfBuilder},
};
use uuid::Uuid;

use super::{activity::ActivityKind, comment::Comment, task::Task};

/// What happened in a project.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FeedEvent {
    /// A task was created.
    Created,
    /// A task changed.
    Updated,
    /// A task came from another project, with its subtasks.
    MovedIn,
    /// A task went to another project, with its subtasks.
    MovedOut,
    /// A task was moved to the trash, with its subtasks; without tasks: the project was.
    Deleted,
    /// A task was restored from the trash, with its subtasks; without tasks: the project was.
    Restored,
    /// A task was put in another place among the tasks of the project; with tasks: the others made room for the first.
    Ranked,
    /// A comment was written.
    Commented,
    /// A comment was changed.
    CommentChanged,
    /// A comment was deleted.
    CommentDeleted,
    /// The name, the description or the owner of the project changed.
    ProjectUpdated,
    /// The members or their roles changed. The tasks are those that lost their assignee by that.
    MembersChanged,
}

impl FeedEvent {
    /// Returns the name under which the event is stored and shown.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Updated => "updated",
            Self::MovedIn => "moved_in",
            Self::MovedOut => "moved_out",
            Self::Deleted => "deleted",
            Self::Restored => "restored",
            Self::Ranked => "ranked",
            Self::Commented => "commented",
            Self::CommentChanged => "comment_changed",
            Self::CommentDeleted => "comment_deleted",
            Self::ProjectUpdated => "project_updated",
            Self::MembersChanged => "members_changed",
        }
    }
}

/// What an entry in the history of a task is in the feed of the project in which the task is after it.
impl From<ActivityKind> for FeedEvent {
    fn from(kind: ActivityKind) -> Self {
        match kind {
            ActivityKind::Created => Self::Created,
            ActivityKind::Moved => Self::MovedIn,
            ActivityKind::Assigned | ActivityKind::StatusChanged | ActivityKind::Updated => Self::Updated,
            ActivityKind::Deleted => Self::Deleted,
            ActivityKind::Restored => Self::Restored,
            ActivityKind::Commented => Self::Commented,
            ActivityKind::CommentUpdated => Self::CommentChanged,
            ActivityKind::CommentDeleted => Self::CommentDeleted,
        }
    }
}

/// A reference to a change: its project, and its number there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeedRef {
    /// The project.
    pub project_id: Uuid,
    /// The number of the change.
    pub n: i64,
}

/// A change of a project. It has a `task`, a `comment` or `ids`, or none of them if the project itself changed.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct FeedItem {
    /// The number of the change. Each change of a project has the next number.
    pub n: i64,
    // The stored text: after a rollback, an older version must show an event that only a newer one has.
    /// What happened.
    #[schema(value_type = FeedEvent)]
    pub event: String,
    /// When it happened.
    pub at: DateTime<Utc>,
    /// The user who did it.
    pub actor_id: Uuid,
    /// The task as it is now. Only its id if it has left the project or is in the trash.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(schema_with = task_or_id)]
    pub task: Option<TaskNow>,
    /// The comment as it is now. Only its ids if it is deleted, or if its task has left the project or is in the trash.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(schema_with = comment_or_ids)]
    pub comment: Option<CommentNow>,
    /// The tasks to which the same happened at once. The first is the one that was moved, deleted or restored, and the
    /// others are its subtasks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ids: Option<Vec<Uuid>>,
}

/// A task in a feed: without the fields that depend on who reads it.
#[derive(Debug, Clone, Serialize)]
#[serde(untagged)]
pub enum TaskNow {
    /// It is in the project.
    Here(Box<Task>),
    /// It has left the project, or is in the trash.
    Gone {
        /// The task.
        id: Uuid,
    },
}

/// A comment in a feed.
#[derive(Debug, Clone, Serialize)]
#[serde(untagged)]
pub enum CommentNow {
    /// It is on a task in the project.
    Here(Comment),
    /// It is deleted, or its task has left the project or is in the trash.
    Gone {
        /// The comment.
        id: Uuid,
        /// The task.
        task_id: Uuid,
    },
}

// A derived schema would say `oneOf`, but a task is also an object with an id.

fn task_or_id() -> Schema {
    AnyOfBuilder::new().item(Ref::from_schema_name(Task::name())).item(ids(&["id"])).build().into()
}

fn comment_or_ids() -> Schema {
    AnyOfBuilder::new().item(Ref::from_schema_name(Comment::name())).item(ids(&["id", "task_id"])).build().into()
}

/// Returns the schema of an object of ids.
fn ids(names: &[&str]) -> Object {
    let id = ObjectBuilder::new().schema_type(Type::String).format(Some(SchemaFormat::Custom("uuid".into()))).build();
    names.iter().fold(ObjectBuilder::new(), |ids, name| ids.property(*name, id.clone()).required(*name)).build()
}

/// A part of a project's feed.
#[derive(Debug, Serialize, ToSchema)]
pub struct Feed {
    /// The changes after `since`, oldest first.
    pub items: Vec<FeedItem>,
    /// The number of the project's last change, 0 before the first.
    pub last: i64,
    /// Whether there are more changes after these.
    pub more: bool,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn events_are_stored_under_their_names_in_the_api() {
        for event in [
            FeedEvent::Created,
            FeedEvent::Updated,
            FeedEvent::MovedIn,
            FeedEvent::MovedOut,
            FeedEvent::Deleted,
            FeedEvent::Restored,
            FeedEvent::Ranked,
            FeedEvent::Commented,
            FeedEvent::CommentChanged,
            FeedEvent::CommentDeleted,
            FeedEvent::ProjectUpdated,
            FeedEvent::MembersChanged,
        ] {
            assert_eq!(json!(event), event.as_str());
        }
    }
}

//! Notifications, and the text of one about a change of a task.

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    activity::{ActivityKind, Change, TaskField},
    event::{TaskEvent, with_parts},
    notification_kind::NotificationKind,
    reason::Reason,
    recipients::reassigned,
    wording::{excerpt, field, words},
};

/// The maximum number of characters of a comment in a notification.
const EXCERPT: usize = 280;

/// A notification of a person. If the person may no longer see its task or project, only `seq`, `kind` and times
/// remain.
#[derive(Debug, Clone, Serialize, ToSchema, sqlx::FromRow)]
pub struct Notification {
    /// A UUIDv7.
    pub id: Uuid,
    /// The number of the notification, from 1 for each person, without gaps.
    pub seq: i64,
    /// What happened.
    // As it is stored: an older function must be able to show a kind that a newer one wrote.
    #[schema(value_type = NotificationKind)]
    pub kind: String,
    /// Why the person receives it. Null for notifications from before there were reasons.
    // As it is stored, like the kind.
    #[schema(value_type = Option<Reason>)]
    pub reason: Option<String>,
    /// The task that it is about.
    pub task_id: Option<Uuid>,
    /// The current key of the task.
    #[schema(example = "WEB-42")]
    pub task_key: Option<String>,
    /// The project that it is about.
    pub project_id: Option<Uuid>,
    /// Who did it.
    pub actor_id: Option<Uuid>,
    /// What happened, in one line.
    #[schema(example = "Ann assigned WEB-42 to you")]
    pub title: String,
    /// The title of the task, or the beginning of the comment.
    pub body: String,
    /// More data for programs: `activity_id`, `changes` (without long texts) and `comment_id`; `due_at` for an
    /// assignment or a reminder; `task_count` if the notification is about several tasks; `snoozed`, the id of the
    /// snoozed notification of which this is the copy.
    #[schema(value_type = Object)]
    pub data: Value,
    /// When the person marked it as read.
    pub read_at: Option<DateTime<Utc>>,
    /// When the person archived it, or the end of its snooze did. An archived notification is read.
    pub archived_at: Option<DateTime<Utc>>,
    /// When it returns to the inbox, as a copy.
    pub snoozed_until: Option<DateTime<Utc>>,
    /// When it was added to the inbox.
    pub created_at: DateTime<Utc>,
}

/// What the text of a notification about a change of a task is made of.
#[derive(Debug)]
pub struct NotificationText<'a> {
    /// The event.
    pub event: &'a TaskEvent,
    /// The changes.
    pub changes: &'a [Change],
    /// The name of the actor.
    pub actor: &'a str,
    /// The task's key.
    pub key: &'a str,
    /// The task's title.
    pub title: &'a str,
    /// The deadline of the task.
    pub due_at: Option<DateTime<Utc>>,
    /// The text of the comment, if the event is about one.
    pub comment: Option<&'a str>,
}

impl NotificationText<'_> {
    /// Returns the title of a notification of this kind.
    pub fn headline(&self, kind: NotificationKind) -> String {
        let (actor, key) = (self.actor, self.key);
        match kind {
            NotificationKind::TaskAssigned => format!("{actor} assigned {key} to you"),
            NotificationKind::TaskUnassigned => format!("{actor} unassigned you from {key}"),
            NotificationKind::TaskCommented => format!("{actor} commented on {key}"),
            NotificationKind::Mentioned if self.event.comment_id.is_none() => {
                format!("{actor} mentioned you in the description of {key}")
            }
            NotificationKind::Mentioned => format!("{actor} mentioned you on {key}"),
            NotificationKind::TaskDeleted => format!("{actor} deleted {key}{}", with_parts(self.event.parts.len())),
            NotificationKind::TaskStatusChanged => {
                match self.changes.iter().find(|change| change.field == TaskField::Status) {
                    Some(change) => format!("{actor} set {key} to {}", words(change.to.as_str().unwrap_or_default())),
                    None => format!("{actor} changed the status of {key}"),
                }
            }
            NotificationKind::TaskCreated => format!("{actor} created {key}"),
            _ if self.event.kind == ActivityKind::Restored => {
                format!("{actor} restored {key}{}", with_parts(self.event.parts.len()))
            }
            _ if self.event.kind == ActivityKind::Moved => {
                format!("{actor} moved a task{}, which is {key} now", with_parts(self.event.parts.len()))
            }
            _ => format!("{actor} changed {key}: {}", self.fields()),
        }
    }

    /// Returns the text below the title.
    pub fn body(&self, kind: NotificationKind) -> String {
        match (kind, self.comment) {
            (NotificationKind::TaskCommented | NotificationKind::Mentioned, Some(comment)) => excerpt(comment, EXCERPT),
            _ => self.title.to_owned(),
        }
    }

    /// Returns the data for programs. Descriptions and comments are named, not repeated.
    pub fn data(&self) -> Value {
        let changes = self.changes.iter().map(|change| match change.field {
            TaskField::Description | TaskField::Comment => json!({ "field": change.field }),
            _ => json!(change),
        });
        let mut data = json!({ "activity_id": self.event.activity_id, "changes": changes.collect::<Vec<_>>() });
        if !self.event.parts.is_empty() {
            data["task_count"] = json!(self.event.parts.len() + 1);
        }
        if let Some(id) = self.event.comment_id {
            data["comment_id"] = json!(id);
        }
        if let (Some(due_at), (_, Some(_))) = (self.due_at, reassigned(self.event, self.changes)) {
            data["due_at"] = json!(due_at);
        }
        data
    }

    fn fields(&self) -> String {
        self.changes.iter().map(|change| field(change.field)).collect::<Vec<_>>().join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(field: TaskField, from: impl Serialize, to: impl Serialize) -> Change {
        Change { field, from: json!(from), to: json!(to) }
    }

    #[test]
    fn a_headline_describes_the_change_and_data_omits_long_texts() {
        let event = TaskEvent {
            kind: ActivityKind::Updated,
            activity_id: Uuid::now_v7(),
            task_id: Uuid::now_v7(),
            actor_id: Uuid::now_v7(),
            assignee_id: None,
            comment_id: None,
            mentioned: vec![],
            parts: vec![],
            feed: vec![],
        };
        let changes =
            [change(TaskField::DueAt, (), "2030-01-01T00:00:00Z"), change(TaskField::Description, "long", "longer")];
        let text = NotificationText {
            event: &event,
            changes: &changes,
            actor: "Ann",
            key: "WEB-1",
            title: "Write",
            due_at: None,
            comment: None,
        };
        assert_eq!(text.headline(NotificationKind::TaskUpdated), "Ann changed WEB-1: due date, description");
        assert_eq!(text.body(NotificationKind::TaskUpdated), "Write");
        assert_eq!(text.data()["changes"][1], json!({ "field": "description" }));
        let changes = [change(TaskField::Status, "todo", "in_progress")];
        let text = NotificationText { changes: &changes, ..text };
        assert_eq!(text.headline(NotificationKind::TaskStatusChanged), "Ann set WEB-1 to in progress");
        let event = TaskEvent { parts: vec![Uuid::now_v7(); 2], ..event.clone() };
        let text = NotificationText { event: &event, ..text };
        assert_eq!(text.headline(NotificationKind::TaskDeleted), "Ann deleted WEB-1 with 2 subtasks");
        assert_eq!(text.data()["task_count"], 3);
    }
}

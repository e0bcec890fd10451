//! Notifications: who receives one about a change, and its text.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    activity::{ActivityKind, Change, TaskField},
    event::{TaskEvent, with_parts},
    notification_kind::NotificationKind,
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
    /// assignment or a reminder; `task_count` if the notification is about several tasks.
    #[schema(value_type = Object)]
    pub data: Value,
    /// When the person marked it as read.
    pub read_at: Option<DateTime<Utc>>,
    /// When it was added to the inbox.
    pub created_at: DateTime<Utc>,
}

/// The people around a task.
#[derive(Debug, Clone)]
pub struct Audience {
    /// The creator.
    pub creator: Uuid,
    /// The assignee.
    pub assignee: Option<Uuid>,
    /// The watchers.
    pub watchers: Vec<Uuid>,
}

/// Returns who receives a notification of a change of a task, and of which kind: the assignee, the creator, the
/// watchers and the people who are mentioned, each once, for the reason that matters most to them. The actor is left
/// out, and everyone who is not in `may_see`.
pub fn recipients(
    event: &TaskEvent,
    changes: &[Change],
    audience: &Audience,
    may_see: &BTreeSet<Uuid>,
) -> BTreeMap<Uuid, NotificationKind> {
    let (from, to) = reassigned(event, changes);
    let around = audience.watchers.iter().copied().chain([audience.creator]).chain(audience.assignee);
    let mut told = BTreeMap::new();
    // From what matters least to what matters most: the later reason replaces the earlier.
    if let Some(kind) = kind_for_everyone(event.kind, changes) {
        told.extend(around.map(|id| (id, kind)));
    }
    told.extend(from.map(|id| (id, NotificationKind::TaskUnassigned)));
    told.extend(event.mentioned.iter().map(|&id| (id, NotificationKind::Mentioned)));
    told.extend(to.map(|id| (id, NotificationKind::TaskAssigned)));
    told.retain(|id, _| *id != event.actor_id && may_see.contains(id));
    told
}

/// Returns the person from whom a task was taken, and the person to whom it was given.
pub fn reassigned(event: &TaskEvent, changes: &[Change]) -> (Option<Uuid>, Option<Uuid>) {
    let person = |value: &Value| value.as_str().and_then(|id| id.parse().ok());
    match changes.iter().find(|change| change.field == TaskField::AssigneeId) {
        Some(change) => (person(&change.from), person(&change.to)),
        None => (None, event.assignee_id),
    }
}

fn kind_for_everyone(happened: ActivityKind, changes: &[Change]) -> Option<NotificationKind> {
    match happened {
        // A new task concerns only its assignee, and a changed or deleted comment only the people whom it newly
        // mentions.
        ActivityKind::Created | ActivityKind::CommentUpdated | ActivityKind::CommentDeleted => None,
        ActivityKind::Commented => Some(NotificationKind::TaskCommented),
        ActivityKind::Deleted => Some(NotificationKind::TaskDeleted),
        _ if changes.iter().any(|change| change.field == TaskField::Status) => {
            Some(NotificationKind::TaskStatusChanged)
        }
        _ => Some(NotificationKind::TaskUpdated),
    }
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

    fn event(kind: ActivityKind, actor_id: Uuid) -> TaskEvent {
        TaskEvent {
            kind,
            activity_id: Uuid::now_v7(),
            task_id: Uuid::now_v7(),
            actor_id,
            assignee_id: None,
            comment_id: None,
            mentioned: vec![],
            parts: vec![],
            feed: Vec::new(),
        }
    }

    fn change(field: TaskField, from: impl Serialize, to: impl Serialize) -> Change {
        Change { field, from: json!(from), to: json!(to) }
    }

    /// Returns a creator, an assignee, a watcher, another person, and the set of all four, who may see the task.
    fn people() -> (Uuid, Uuid, Uuid, Uuid, BTreeSet<Uuid>) {
        let ids = [(); 4].map(|()| Uuid::now_v7());
        (ids[0], ids[1], ids[2], ids[3], ids.into())
    }

    #[test]
    fn everyone_around_a_task_except_the_actor_is_notified_once() {
        let (creator, assignee, watcher, _, all) = people();
        let audience = Audience { creator, assignee: Some(assignee), watchers: vec![watcher, assignee, creator] };
        let status = [change(TaskField::Status, "todo", "done")];
        let told = recipients(&event(ActivityKind::StatusChanged, assignee), &status, &audience, &all);
        assert_eq!(told, BTreeMap::from([creator, watcher].map(|id| (id, NotificationKind::TaskStatusChanged))));
    }

    #[test]
    fn people_who_may_not_see_the_task_are_not_notified() {
        let (creator, assignee, watcher, other, mut all) = people();
        all.remove(&watcher);
        all.remove(&other);
        let audience = Audience { creator, assignee: Some(assignee), watchers: vec![watcher] };
        let mut commented = event(ActivityKind::Commented, creator);
        commented.mentioned = vec![other];
        let told = recipients(&commented, &[], &audience, &all);
        assert_eq!(told, BTreeMap::from([(assignee, NotificationKind::TaskCommented)]));
    }

    #[test]
    fn the_most_important_reason_determines_the_kind() {
        let (creator, old, watcher, new, all) = people();
        let audience = Audience { creator, assignee: Some(new), watchers: vec![watcher, old, new] };
        let changes = [change(TaskField::AssigneeId, old, new), change(TaskField::Status, "todo", "in_progress")];
        let told = recipients(&event(ActivityKind::Assigned, creator), &changes, &audience, &all);
        let expected = [
            (old, NotificationKind::TaskUnassigned),
            (new, NotificationKind::TaskAssigned),
            (watcher, NotificationKind::TaskStatusChanged),
        ];
        assert_eq!(told, BTreeMap::from(expected));

        let mut commented = event(ActivityKind::Commented, creator);
        commented.mentioned = vec![new, creator];
        let told = recipients(&commented, &[], &audience, &all);
        assert_eq!(
            (told[&new], told[&watcher], told.contains_key(&creator)),
            (NotificationKind::Mentioned, NotificationKind::TaskCommented, false)
        );
    }

    #[test]
    fn a_new_task_notifies_its_assignee_and_a_changed_comment_the_newly_mentioned() {
        let (creator, assignee, watcher, other, all) = people();
        let audience = Audience { creator, assignee: Some(other), watchers: vec![watcher] };
        let mut created = event(ActivityKind::Created, creator);
        created.assignee_id = Some(assignee);
        assert_eq!(
            recipients(&created, &[], &audience, &all),
            BTreeMap::from([(assignee, NotificationKind::TaskAssigned)])
        );
        created.assignee_id = Some(creator);
        assert!(recipients(&created, &[], &audience, &all).is_empty());

        // It also concerns the people whom its description mentions. For the assignee, the assignment matters more.
        created.assignee_id = Some(assignee);
        created.mentioned = vec![assignee, other, creator];
        let expected = [(assignee, NotificationKind::TaskAssigned), (other, NotificationKind::Mentioned)];
        assert_eq!(recipients(&created, &[], &audience, &all), BTreeMap::from(expected));

        let mut edited = event(ActivityKind::CommentUpdated, creator);
        edited.mentioned = vec![other];
        assert_eq!(recipients(&edited, &[], &audience, &all), BTreeMap::from([(other, NotificationKind::Mentioned)]));
        assert!(recipients(&event(ActivityKind::CommentDeleted, creator), &[], &audience, &all).is_empty());
    }

    #[test]
    fn a_headline_describes_the_change_and_data_omits_long_texts() {
        let event = event(ActivityKind::Updated, Uuid::now_v7());
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

//! The events of the queue `events`.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{activity::ActivityKind, feed::FeedRef, reason::Reason};

/// Something that other people may have to be notified of, as the outbox stores it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// Something happened to a task.
    Task(TaskEvent),
    /// The same happened to several tasks of a project: they were deleted or restored with it, or lost their assignee.
    Project {
        /// What happened.
        kind: ActivityKind,
        /// The project.
        project_id: Uuid,
        /// The person who did it.
        actor_id: Uuid,
        /// The tasks.
        task_ids: Vec<Uuid>,
        /// The former assignee, if they lost it.
        #[serde(flatten)]
        unassigned: Option<Unassigned>,
    },
    /// A project changed, or several of its tasks at once. For the connections that have it open: nobody is notified.
    ProjectChanged {
        /// The changes in its feed.
        feed: Vec<FeedRef>,
    },
    /// A task left a project. For the people involved in it or its subtasks who do not see the new project.
    TasksLeft {
        /// The project that it left.
        project_id: Uuid,
        /// Who moved it.
        actor_id: Uuid,
        /// Its key there.
        key: String,
        /// Its title there.
        title: String,
        /// How many subtasks went with it.
        parts: usize,
        /// The people to notify.
        user_ids: Vec<Uuid>,
        /// Why, for each of them. (Older events have none.)
        #[serde(default)]
        reasons: Vec<Reason>,
    },
    /// A person was added to a project, or became its owner.
    AddedToProject {
        /// The project.
        project_id: Uuid,
        /// The person who was added.
        user_id: Uuid,
        /// The person who added them.
        actor_id: Uuid,
        /// Whether they were a member, and are the owner now.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        as_owner: bool,
    },
    /// A deadline is near, or has passed.
    Reminder {
        /// The task.
        task_id: Uuid,
        /// The deadline of the task when the reminder was due. If it has changed, nobody is notified.
        due_at: DateTime<Utc>,
        /// Whether it has passed.
        overdue: bool,
        /// The people to remind.
        user_ids: Vec<Uuid>,
    },
    /// A report is ready, or failed.
    ReportReady {
        /// The report.
        report_id: Uuid,
    },
    /// Sessions of a user ended: the connections that they opened must be closed.
    SessionsEnded {
        /// The user.
        user_id: Uuid,
    },
    /// A user read, archived or snoozed notifications. For their connections: nobody is notified.
    InboxChanged {
        /// The user.
        user_id: Uuid,
        /// The notifications. None if there are many.
        ids: Vec<Uuid>,
    },
    /// The time of a snoozed notification has come. It has no effect unless the notification is snoozed until then.
    SnoozeOver {
        /// The user.
        user_id: Uuid,
        /// The notification.
        notification_id: Uuid,
        /// The time.
        until: DateTime<Utc>,
    },
    /// Notifications that a user's quiet hours held back may be pushed now.
    QuietHoursOver {
        /// The user.
        user_id: Uuid,
    },
}

/// The reason why tasks of a project lost their assignee.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unassigned {
    /// The person was removed from the project.
    Removed(Uuid),
    /// The person became a viewer of it.
    Viewer(Uuid),
}

impl Unassigned {
    /// Returns the former assignee.
    pub fn user_id(self) -> Uuid {
        let (Self::Removed(id) | Self::Viewer(id)) = self;
        id
    }
}

/// An entry of a task's activity, as an event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskEvent {
    /// What happened.
    pub kind: ActivityKind,
    /// The entry, with the changes. It has the id of the event.
    pub activity_id: Uuid,
    /// The task.
    pub task_id: Uuid,
    /// The person who did it.
    pub actor_id: Uuid,
    /// The first assignee of a new task.
    #[serde(default)]
    pub assignee_id: Option<Uuid>,
    /// The comment, of an event about one.
    #[serde(default)]
    pub comment_id: Option<Uuid>,
    /// The people whom a comment or a description mentions, and did not mention before.
    #[serde(default)]
    pub mentioned: Vec<Uuid>,
    /// The subtasks to which the same happened. (Older events were about one task each.)
    #[serde(default)]
    pub parts: Vec<Uuid>,
    /// The changes in the feeds of projects: of two if the task moved. The statement that writes the event adds the
    /// last. (Older events have none.)
    #[serde(default)]
    pub feed: Vec<FeedRef>,
}

/// Returns what a headline adds for the subtasks of a task, if there are any.
pub fn with_parts(parts: usize) -> String {
    if parts == 0 { String::new() } else { format!(" with {}", count(parts, "subtask")) }
}

/// Returns a number of things in words.
pub fn count(number: usize, thing: &str) -> String {
    format!("{number} {thing}{}", if number == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_reason_for_an_unassignment_is_stored_as_one_field() {
        let id = Uuid::from_u128(7);
        let stored = |more: serde_json::Value| {
            let mut event =
                json!({ "event": "project", "kind": "assigned", "project_id": id, "actor_id": id, "task_ids": [id] });
            event.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            event
        };
        for (unassigned, more) in [
            (Some(Unassigned::Removed(id)), json!({ "removed": id })),
            (Some(Unassigned::Viewer(id)), json!({ "viewer": id })),
            (None, json!({})),
        ] {
            let kind = ActivityKind::Assigned;
            let event = Event::Project { kind, project_id: id, actor_id: id, task_ids: vec![id], unassigned };
            assert_eq!(json!(event), stored(more.clone()));
            assert_eq!(serde_json::from_value::<Event>(stored(more)).unwrap(), event);
        }
    }

    #[test]
    fn events_without_optional_fields_can_be_read() {
        let id = Uuid::from_u128(7);
        let stored = json!({ "event": "task", "kind": "commented", "activity_id": id, "task_id": id, "actor_id": id,
                             "comment_id": id, "mentioned": [id] });
        let Event::Task(event) = serde_json::from_value(stored).unwrap() else { panic!("an event of a task") };
        assert_eq!((event.kind, event.comment_id, event.mentioned), (ActivityKind::Commented, Some(id), vec![id]));
        assert_eq!((event.assignee_id, event.parts, event.feed), (None, vec![], vec![]));
    }
}

//! What the queue `events` tells of.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::activity::ActivityKind;

/// Something that others may have to hear of, as it stands in the outbox.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// Something happened to a task.
    Task(TaskEvent),
    /// The same happened to several tasks of a project: they went into the trash with it, came out of it, or lost their assignee.
    Project {
        /// Which of these.
        kind: ActivityKind,
        /// The project.
        project_id: Uuid,
        /// Who did it.
        actor_id: Uuid,
        /// The tasks.
        task_ids: Vec<Uuid>,
        /// Whose tasks they were, if they lost their assignee.
        #[serde(flatten)]
        unassigned: Option<Unassigned>,
    },
    /// A task left a project, for those who had to do with it or its subtasks and do not see where it went.
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
        /// Who is to be told.
        user_ids: Vec<Uuid>,
    },
    /// Somebody was added to a project, or became its owner.
    AddedToProject {
        /// The project.
        project_id: Uuid,
        /// Who was added.
        user_id: Uuid,
        /// By whom.
        actor_id: Uuid,
        /// Whether they were a member, and own it now.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        as_owner: bool,
    },
    /// A deadline comes near, or has passed.
    Reminder {
        /// The task.
        task_id: Uuid,
        /// Its deadline when the reminder was due. If it is another by now, there is nothing to say.
        due_at: DateTime<Utc>,
        /// Whether it has passed.
        overdue: bool,
        /// Who is reminded.
        user_ids: Vec<Uuid>,
    },
    /// A report is ready, or could not be made.
    ReportReady {
        /// The report.
        report_id: Uuid,
    },
    /// Sessions of somebody ended: the connections that they opened must be closed.
    SessionsEnded {
        /// Whose.
        user_id: Uuid,
    },
    /// What somebody's quiet hours held back may be pushed now.
    QuietHoursOver {
        /// Whose.
        user_id: Uuid,
    },
}

/// Why tasks of a project lost their assignee: what happened to which member.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unassigned {
    /// They were removed from the project.
    Removed(Uuid),
    /// They became a viewer of it.
    Viewer(Uuid),
}

impl Unassigned {
    /// Returns who was the assignee.
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
    /// The entry, which says what changed. It has the id of the event.
    pub activity_id: Uuid,
    /// The task.
    pub task_id: Uuid,
    /// Who did it.
    pub actor_id: Uuid,
    /// Of a new task: to whom it was given from the beginning.
    #[serde(default)]
    pub assignee_id: Option<Uuid>,
    /// Of a comment: which.
    #[serde(default)]
    pub comment_id: Option<Uuid>,
    /// Of a comment or a description: whom it mentions, and did not mention before.
    #[serde(default)]
    pub mentioned: Vec<Uuid>,
    /// Subtasks to which the same happened with it. (Before there was this, each had an event of its own.)
    #[serde(default)]
    pub parts: Vec<Uuid>,
}

/// What a headline says of the subtasks of a task, if it has some.
pub fn with_parts(parts: usize) -> String {
    if parts == 0 { String::new() } else { format!(" with {}", count(parts, "subtask")) }
}

/// How many things there are, in words.
pub fn count(number: usize, thing: &str) -> String {
    format!("{number} {thing}{}", if number == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_happened_to_an_assignee_is_one_field_of_the_event() {
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
    fn events_without_the_optional_fields_are_read() {
        let id = Uuid::from_u128(7);
        let stored = json!({ "event": "task", "kind": "commented", "activity_id": id, "task_id": id, "actor_id": id,
                             "comment_id": id, "mentioned": [id] });
        let Event::Task(event) = serde_json::from_value(stored).unwrap() else { panic!("an event of a task") };
        assert_eq!((event.kind, event.comment_id, event.mentioned), (ActivityKind::Commented, Some(id), vec![id]));
        assert_eq!((event.assignee_id, event.parts), (None, vec![]));
    }
}

//! What the queue `events` tells of.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::task::ActivityKind;

/// Something that others may have to hear of, as it stands in the outbox.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// Something happened to a task.
    Task(TaskEvent),
    /// Somebody was added to a project.
    AddedToProject {
        /// The project.
        project_id: Uuid,
        /// Who was added.
        user_id: Uuid,
        /// By whom.
        actor_id: Uuid,
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
}

//! Tasks, and the changes to them.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    activity::{Change, TaskField},
    recurrence::Recurrence,
};
use crate::{Code, Error, Result};

/// The most levels of a tree of tasks. A task without a parent is on the first.
pub const MAX_LEVELS: i64 = 5;

/// The most tasks of a tree.
pub const MAX_TREE: i64 = 500;

/// The status of a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "task_status", rename_all = "snake_case")]
pub enum Status {
    /// Not started.
    Todo,
    /// Being worked on.
    InProgress,
    /// Finished.
    Done,
    /// Will not be done.
    Cancelled,
}

impl Status {
    /// Returns whether the task is still to be done.
    pub fn is_open(self) -> bool {
        matches!(self, Self::Todo | Self::InProgress)
    }
}

/// The priority of a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "task_priority", rename_all = "snake_case")]
pub enum Priority {
    /// When there is time.
    Low,
    /// The usual.
    Medium,
    /// Before others.
    High,
    /// Now.
    Urgent,
}

/// A task, as the API shows it.
#[derive(Debug, Clone, Serialize, ToSchema, sqlx::FromRow)]
pub struct Task {
    /// A UUIDv7.
    pub id: Uuid,
    /// The key of the project and a number. It changes when the task moves to another project; former keys also name the task.
    #[schema(example = "WEB-42")]
    pub key: String,
    /// The project that it belongs to.
    pub project_id: Uuid,
    /// One line.
    pub title: String,
    /// Markdown; `@[name](user:<id>)` mentions someone.
    pub description: String,
    /// Status.
    pub status: Status,
    /// Priority.
    pub priority: Priority,
    /// Due date and time.
    pub due_at: Option<DateTime<Utc>>,
    /// The assignee, a member of the project.
    pub assignee_id: Option<Uuid>,
    /// The parent task, in the same project.
    pub parent_id: Option<Uuid>,
    /// Labels, in the order in which they were given. Case does not matter; each is shown as it was first written in the project.
    pub labels: Vec<String>,
    /// Recurrence rule.
    pub recurrence: Option<Recurrence>,
    /// The place among the tasks of the project, for `sort=rank`: compared byte by byte, at most 100 characters.
    pub rank: String,
    /// Whether the caller watches it. Absent in feeds and in frames of WebSockets, which are the same for everybody.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub watching: Option<bool>,
    /// Whether the caller muted it: then they are notified only of mentions and of what is assigned to them. Absent where
    /// `watching` is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub muted: Option<bool>,
    /// Who created it.
    pub created_by: Uuid,
    /// When it was completed.
    pub completed_at: Option<DateTime<Utc>>,
    /// When it was moved to the trash.
    pub deleted_at: Option<DateTime<Utc>>,
    /// The version, which is incremented by each change. It is also the `ETag`.
    pub version: i64,
    /// When it was created.
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
}

/// The changes to make to a task. `None` keeps a value; the inner `None` clears it.
#[derive(Debug, Clone, Default)]
#[expect(missing_docs, reason = "the fields are those of a task")]
pub struct TaskPatch {
    pub project_id: Option<Uuid>,
    pub title: Option<String>,
    pub description: Option<String>,
    pub status: Option<Status>,
    pub priority: Option<Priority>,
    pub due_at: Option<Option<DateTime<Utc>>>,
    pub assignee_id: Option<Option<Uuid>>,
    pub parent_id: Option<Option<Uuid>>,
    pub labels: Option<Vec<String>>,
    pub recurrence: Option<Option<Recurrence>>,
}

impl TaskPatch {
    /// Returns whether the change may affect more than the task: its project, its parent, or the labels of its project,
    /// which a creation writes after it has counted, and a change before.
    pub fn concerns_others(&self) -> bool {
        self.project_id.is_some() || self.parent_id.is_some() || self.labels.is_some()
    }
}

impl Task {
    /// Applies a patch and returns the changes. A value that stays the same is not a change: without changes nothing
    /// needs to be written.
    ///
    /// A task that moves to another project loses its parent, unless the patch sets one there. A task that becomes
    /// done gets its `completed_at`, and loses it when it is reopened.
    pub fn apply(&mut self, patch: TaskPatch, now: DateTime<Utc>) -> Vec<Change> {
        let moves = patch.project_id.is_some_and(|project| project != self.project_id);
        let parent_id = patch.parent_id.or(moves.then_some(None));
        let mut changes = Vec::new();
        set(&mut changes, TaskField::ProjectId, &mut self.project_id, patch.project_id);
        set(&mut changes, TaskField::Title, &mut self.title, patch.title);
        set(&mut changes, TaskField::Description, &mut self.description, patch.description);
        if set(&mut changes, TaskField::Status, &mut self.status, patch.status) {
            self.completed_at = (self.status == Status::Done).then(|| truncate_to_micros(now));
        }
        set(&mut changes, TaskField::Priority, &mut self.priority, patch.priority);
        set(
            &mut changes,
            TaskField::DueAt,
            &mut self.due_at,
            patch.due_at.map(|due_at| due_at.map(truncate_to_micros)),
        );
        set(&mut changes, TaskField::AssigneeId, &mut self.assignee_id, patch.assignee_id);
        set(&mut changes, TaskField::ParentId, &mut self.parent_id, parent_id);
        set(&mut changes, TaskField::Labels, &mut self.labels, patch.labels.map(normalize_labels));
        set(&mut changes, TaskField::Recurrence, &mut self.recurrence, patch.recurrence);
        changes
    }

    /// Checks that a changed task can recur: it has a due date and a valid rule.
    pub fn check_recurrence(&self, changes: &[Change]) -> Result<()> {
        let has = |field| changes.iter().any(|change| change.field == field);
        match &self.recurrence {
            Some(recurrence) if has(TaskField::Recurrence) => recurrence.check(self.due_at),
            Some(_) if self.due_at.is_none() && has(TaskField::DueAt) => Err(Error::invalid_as(
                Code::DueAtRequired,
                "/due_at",
                "must be given while the task recurs: clear its recurrence too",
            )),
            _ => Ok(()),
        }
    }

    /// Takes the recurrence from a task that these changes completed, for the next occurrence. So a task that is
    /// reopened and completed a second time has no second occurrence.
    pub fn take_recurrence(&mut self, changes: &mut Vec<Change>) -> Option<Recurrence> {
        let done = self.status == Status::Done && changes.iter().any(|change| change.field == TaskField::Status);
        let recurrence = self.recurrence.take_if(|_| done)?;
        match changes.iter_mut().find(|change| change.field == TaskField::Recurrence) {
            Some(change) => change.to = Value::Null,
            None => changes.push(Change { field: TaskField::Recurrence, from: json!(recurrence), to: Value::Null }),
        }
        changes.retain(|change| change.from != change.to);
        Some(recurrence)
    }
}

fn set<T: PartialEq + Serialize>(changes: &mut Vec<Change>, field: TaskField, place: &mut T, to: Option<T>) -> bool {
    let Some(to) = to.filter(|to| to != place) else { return false };
    let from = std::mem::replace(place, to);
    changes.push(Change { field, from: json!(from), to: json!(place) });
    true
}

/// Truncates a time to the precision of the database, so that a response shows the stored time, and the same time is
/// not a change.
pub fn truncate_to_micros(time: DateTime<Utc>) -> DateTime<Utc> {
    DateTime::from_timestamp_micros(time.timestamp_micros()).unwrap_or(time)
}

/// Returns labels without outer space, each once, in their order.
pub fn normalize_labels(labels: Vec<String>) -> Vec<String> {
    let mut seen = Vec::with_capacity(labels.len());
    for label in labels {
        let label = label.trim().to_owned();
        if !seen.contains(&label) {
            seen.push(label);
        }
    }
    seen
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::activity::ActivityKind;

    fn task() -> Task {
        let now = truncate_to_micros(Utc::now());
        Task {
            id: Uuid::now_v7(),
            key: "WEB-1".into(),
            project_id: Uuid::now_v7(),
            title: "Write".into(),
            description: String::new(),
            status: Status::Todo,
            priority: Priority::Medium,
            due_at: None,
            assignee_id: None,
            parent_id: Some(Uuid::now_v7()),
            labels: vec!["a".into()],
            recurrence: None,
            rank: "0000000001".into(),
            watching: None,
            muted: None,
            created_by: Uuid::now_v7(),
            completed_at: None,
            deleted_at: None,
            version: 1,
            created_at: now,
            updated_at: now,
        }
    }

    #[test]
    fn absent_and_equal_values_are_not_changes() {
        let (mut changed, before) = (task(), task());
        assert_eq!(changed.apply(TaskPatch::default(), Utc::now()), []);
        let same = TaskPatch { title: Some(before.title), due_at: Some(None), ..TaskPatch::default() };
        assert_eq!(changed.apply(same, Utc::now()), []);
    }

    #[test]
    fn a_change_contains_both_values() {
        let mut task = task();
        let patch = TaskPatch {
            priority: Some(Priority::Urgent),
            labels: Some(vec!["b".into(), " b ".into()]),
            ..TaskPatch::default()
        };
        let changes = task.apply(patch, Utc::now());
        assert_eq!(changes[0], Change { field: TaskField::Priority, from: json!("medium"), to: json!("urgent") });
        assert_eq!(changes[1], Change { field: TaskField::Labels, from: json!(["a"]), to: json!(["b"]) });
        assert_eq!(ActivityKind::from_changes(&changes), ActivityKind::Updated);
    }

    #[test]
    fn completing_a_task_sets_its_time_and_reopening_clears_it() {
        let mut task = task();
        let now = truncate_to_micros(Utc::now());
        let to = |status| TaskPatch { status: Some(status), ..TaskPatch::default() };
        let changes = task.apply(to(Status::Done), now);
        assert_eq!((task.completed_at, ActivityKind::from_changes(&changes)), (Some(now), ActivityKind::StatusChanged));
        task.apply(to(Status::InProgress), now);
        assert_eq!(task.completed_at, None);
    }

    #[test]
    fn a_moved_task_loses_its_parent_unless_the_patch_sets_one() {
        let (mut alone, mut under) = (task(), task());
        let project_id = Some(Uuid::now_v7());
        let changes = alone.apply(TaskPatch { project_id, ..TaskPatch::default() }, Utc::now());
        assert_eq!((alone.parent_id, ActivityKind::from_changes(&changes)), (None, ActivityKind::Moved));
        let parent_id = Some(Uuid::now_v7());
        under.apply(TaskPatch { project_id, parent_id: Some(parent_id), ..TaskPatch::default() }, Utc::now());
        assert_eq!(under.parent_id, parent_id);
    }
}

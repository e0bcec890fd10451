//! Tasks before they are created.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{
    recurrence::Recurrence,
    task::{Priority, Status, Task, normalize_labels, truncate_to_micros},
};
use crate::Result;

/// The data of a task before it is created. The creation adds its id, its key and its times.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "the fields are those of a task")]
pub struct NewTask {
    /// The project that it is created in. `None`: the creator's Inbox.
    pub project_id: Option<Uuid>,
    pub title: String,
    pub description: String,
    pub status: Status,
    pub priority: Priority,
    pub due_at: Option<DateTime<Utc>>,
    pub assignee_id: Option<Uuid>,
    pub parent_id: Option<Uuid>,
    pub labels: Vec<String>,
    pub recurrence: Option<Recurrence>,
}

impl NewTask {
    /// Creates a task with a title and nothing else.
    pub fn new(title: &str) -> Self {
        Self {
            project_id: None,
            title: title.to_owned(),
            description: String::new(),
            status: Status::Todo,
            priority: Priority::Medium,
            due_at: None,
            assignee_id: None,
            parent_id: None,
            labels: Vec::new(),
            recurrence: None,
        }
    }

    /// Returns the task in the form in which it is stored: a title without outer space, times in the precision of the
    /// database, each label once. Fails if its recurrence is not possible.
    pub fn normalized(self) -> Result<Self> {
        if let Some(recurrence) = &self.recurrence {
            recurrence.check(self.due_at)?;
        }
        let (title, due_at) = (self.title.trim().to_owned(), self.due_at.map(truncate_to_micros));
        Ok(Self { title, due_at, labels: normalize_labels(self.labels), ..self })
    }
}

impl Task {
    /// Returns a copy to create: all fields except what happened to the task, without a due date and a recurrence.
    pub fn to_new_task(&self) -> NewTask {
        NewTask {
            project_id: Some(self.project_id),
            title: self.title.clone(),
            description: self.description.clone(),
            status: Status::Todo,
            priority: self.priority,
            due_at: None,
            assignee_id: self.assignee_id,
            parent_id: self.parent_id,
            labels: self.labels.clone(),
            recurrence: None,
        }
    }
}

//! A task before it is created.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{
    recurrence::Recurrence,
    task::{Priority, Status, Task, normalize_labels, truncate_to_micros},
};
use crate::Result;

/// What is known of a task before it is created. Its id, its key and its times come with the creation.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "the fields are those of a task")]
pub struct NewTask {
    /// The project that it is created in. `None`: the Inbox of who creates it.
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
    /// A task with a title and nothing else.
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

    /// The same in the form in which it is stored: a title without outer space, a time as the database keeps it, each
    /// label once. Fails if it cannot recur as it says.
    pub fn normalized(self) -> Result<Self> {
        if let Some(recurrence) = &self.recurrence {
            recurrence.check(self.due_at)?;
        }
        let (title, due_at) = (self.title.trim().to_owned(), self.due_at.map(truncate_to_micros));
        Ok(Self { title, due_at, labels: normalize_labels(self.labels), ..self })
    }
}

impl Task {
    /// The same task, to be created again: all but what happened to it. It has no due date and no recurrence yet.
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

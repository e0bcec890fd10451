//! The parameters of lists of tasks.

use chrono::{DateTime, Utc};
use serde::Deserialize;
use shared::{
    Code, Error,
    db::task_list::{Assignee, Sort, SortBy, TaskFilter},
    domain::{
        Caller,
        task::{Priority, Status},
    },
};
use utoipa::IntoParams;
use uuid::Uuid;

use crate::extract::{Csv, search_text, time};

/// Filters, order and page of a list of tasks. Values of a list are separated by commas, at most 50; a task matches if it
/// matches any of them. A value that contains a comma is put in double quotes, and a quote inside it is doubled:
/// `"rock, paper"`.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct TaskParams {
    /// Ids of projects.
    #[serde(default)]
    #[param(value_type = Option<String>)]
    project_id: Csv<Uuid>,
    /// Status: `todo`, `in_progress`, `done`, `cancelled`.
    #[serde(default)]
    #[param(value_type = Option<String>, example = "todo,in_progress")]
    status: Csv<Status>,
    /// Priority: `low`, `medium`, `high`, `urgent`.
    #[serde(default)]
    #[param(value_type = Option<String>, example = "high,urgent")]
    priority: Csv<Priority>,
    /// Assignees: ids of users, `me`, or `none`.
    #[serde(default)]
    #[param(value_type = Option<String>, example = "me,none")]
    assignee_id: Csv<Person>,
    /// Creators: ids of users, or `me`.
    #[serde(default)]
    #[param(value_type = Option<String>, example = "me")]
    created_by: Csv<Person>,
    /// Labels. Case does not matter.
    #[serde(default)]
    #[param(value_type = Option<String>)]
    label: Csv<String>,
    /// Due before this time.
    #[serde(default, deserialize_with = "time")]
    due_before: Option<DateTime<Utc>>,
    /// Due after this time.
    #[serde(default, deserialize_with = "time")]
    due_after: Option<DateTime<Utc>>,
    /// `true`: tasks that were due in the past and are neither done nor cancelled. `false`: all other tasks.
    overdue: Option<bool>,
    /// Id of the parent task.
    parent_id: Option<Uuid>,
    /// At most eight words, or beginnings of words, in the title or description. Without `sort`, only the newest five
    /// hundred matches are listed, best match first.
    #[param(max_length = 200)]
    q: Option<String>,
    /// `true`: tasks in the trash only.
    #[serde(default)]
    deleted: bool,
    /// Sort keys: `due_at`, `priority`, `status`, `created_at`, `updated_at`, `title`, `rank`. Prefix `-` for descending order.
    /// `rank` is the order by hand of the tasks of one project, and needs its `project_id`.
    #[serde(default)]
    #[param(value_type = Option<String>, example = "-priority,due_at")]
    sort: Csv<String>,
    /// Items on the page, 1 to 200. Defaults to 50.
    #[param(minimum = 1, maximum = 200)]
    pub limit: Option<u8>,
    /// `next_cursor` of the previous page.
    pub cursor: Option<String>,
}

/// A user in a parameter.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(try_from = "String")]
enum Person {
    Me,
    Nobody,
    User(Uuid),
}

impl TryFrom<String> for Person {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, &'static str> {
        match text.as_str() {
            "me" => Ok(Self::Me),
            "none" => Ok(Self::Nobody),
            id => Uuid::try_parse(id).map(Self::User).map_err(|_| "must be the id of a user, me or none"),
        }
    }
}

impl TaskParams {
    /// Returns the filter and the order. Fails if a value is not valid.
    pub fn filter(self, caller: &Caller) -> shared::Result<TaskFilter> {
        let assignee = |person| match person {
            Person::Me => Assignee::User(caller.id),
            Person::Nobody => Assignee::None,
            Person::User(id) => Assignee::User(id),
        };
        let creator = |person| match person {
            Person::Me => Ok(caller.id),
            Person::Nobody => Err(Error::bad_request(
                Code::InvalidParameter,
                "created_by must not be none: every task has a creator.",
            )),
            Person::User(id) => Ok(id),
        };
        let project_ids = self.project_id.distinct();
        let sort = sort(&self.sort.0)?;
        if sort.iter().any(|sort| sort.by == SortBy::Rank) && project_ids.len() != 1 {
            return Err(Error::bad_request(Code::InvalidParameter, "sort=rank needs the project_id of one project."));
        }
        Ok(TaskFilter {
            project_ids,
            statuses: self.status.distinct(),
            priorities: self.priority.distinct(),
            assignees: self.assignee_id.distinct().into_iter().map(assignee).collect(),
            created_by: self.created_by.distinct().into_iter().map(creator).collect::<Result<_, _>>()?,
            labels: self.label.distinct(),
            due_before: self.due_before,
            due_after: self.due_after,
            overdue: self.overdue,
            parent_id: self.parent_id,
            q: search_text(self.q)?,
            in_trash: self.deleted,
            sort,
        })
    }
}

fn sort(keys: &[String]) -> shared::Result<Vec<Sort>> {
    let mut sort: Vec<Sort> = Vec::new();
    for key in keys {
        let (name, descending) = key.strip_prefix('-').map_or((key.as_str(), false), |name| (name, true));
        let by = match name {
            "due_at" => SortBy::DueAt,
            "priority" => SortBy::Priority,
            "status" => SortBy::Status,
            "created_at" => SortBy::CreatedAt,
            "updated_at" => SortBy::UpdatedAt,
            "title" => SortBy::Title,
            "rank" => SortBy::Rank,
            _ => {
                let message = "sort must be a list of due_at, priority, status, created_at, updated_at, title, rank, each with an optional - for descending order.";
                return Err(Error::bad_request(Code::InvalidParameter, message));
            }
        };
        if sort.iter().any(|earlier| earlier.by == by) {
            return Err(Error::bad_request(Code::InvalidParameter, format!("sort names {name} twice.")));
        }
        sort.push(Sort { by, descending });
    }
    Ok(sort)
}

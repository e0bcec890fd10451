//! `GET /v1/tasks`

use axum::{Json, extract::State};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use shared::{
    Code, Error,
    db::{
        page::Page,
        task_list::{self, Assignee, Sort, SortBy, TaskFilter},
    },
    domain::{
        Caller,
        task::{Priority, Status, Task},
    },
};
use utoipa::IntoParams;
use uuid::Uuid;

use taskbell_http::{
    ApiResult, AppState, Function,
    extract::{Authenticated, Csv, QueryParams, page_request, search_text, time},
};

/// Which tasks, and in which order. Lists are separated by commas, have at most 50 values, and ask for tasks that fit any of them. A
/// value in double quotes is taken whole, with a quote inside doubled: `"rock, paper"`.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct TaskParams {
    /// Projects.
    #[serde(default)]
    #[param(value_type = Option<String>)]
    project_id: Csv<Uuid>,
    /// `todo`, `in_progress`, `done`, `cancelled`.
    #[serde(default)]
    #[param(value_type = Option<String>, example = "todo,in_progress")]
    status: Csv<Status>,
    /// `low`, `medium`, `high`, `urgent`.
    #[serde(default)]
    #[param(value_type = Option<String>, example = "high,urgent")]
    priority: Csv<Priority>,
    /// Ids of users, `me`, `none`.
    #[serde(default)]
    #[param(value_type = Option<String>, example = "me,none")]
    assignee_id: Csv<Person>,
    /// Ids of users, `me`.
    #[serde(default)]
    #[param(value_type = Option<String>, example = "me")]
    created_by: Csv<Person>,
    /// Labels, whatever their case.
    #[serde(default)]
    #[param(value_type = Option<String>)]
    label: Csv<String>,
    /// Due before this time.
    #[serde(default, deserialize_with = "time")]
    due_before: Option<DateTime<Utc>>,
    /// Due after this time.
    #[serde(default, deserialize_with = "time")]
    due_after: Option<DateTime<Utc>>,
    /// `true`: due in the past and neither done nor cancelled. `false`: all others.
    overdue: Option<bool>,
    /// Subtasks of this task.
    parent_id: Option<Uuid>,
    /// At most eight words, or beginnings of words, of the title or description. Unless `sort` is given, the newest five hundred that fit are
    /// listed, and what fits best comes first.
    #[param(max_length = 200)]
    q: Option<String>,
    /// `true`: those in the trash instead.
    #[serde(default)]
    deleted: bool,
    /// `due_at`, `priority`, `status`, `created_at`, `updated_at`, `title`, each with `-` to turn it round.
    #[serde(default)]
    #[param(value_type = Option<String>, example = "-priority,due_at")]
    sort: Csv<String>,
    /// How many, 1 to 200; 50 unless given.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u8>,
    /// The `next_cursor` of the page before.
    cursor: Option<String>,
}

/// How a parameter names a person.
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
            id => Uuid::try_parse(id).map(Self::User).map_err(|_| "a person is named by an id, me or none"),
        }
    }
}

pub(crate) const FUNCTION: Function = Function::DEFAULT;

/// Lists tasks.
///
/// Only tasks of projects that the caller belongs to are listed; administrators see all. A task is listed if it fits
/// every parameter that is given. A parameter that takes a list takes values separated by commas, and a task fits it
/// if it fits one of them.
#[utoipa::path(get, path = "/v1/tasks", operation_id = "list-tasks", tag = "tasks",
    params(TaskParams), responses((status = 200, body = Page<Task>)))]
pub(crate) async fn list_tasks(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    QueryParams(mut params): QueryParams<TaskParams>,
) -> ApiResult<Json<Page<Task>>> {
    let page = page_request(params.limit, params.cursor.take())?;
    let filter = filter(params, &caller)?;
    Ok(Json(task_list::list(&mut *state.connection().await?, &caller, &filter, &page).await?))
}

fn filter(params: TaskParams, caller: &Caller) -> shared::Result<TaskFilter> {
    let assignee = |person| match person {
        Person::Me => Assignee::User(caller.id),
        Person::Nobody => Assignee::None,
        Person::User(id) => Assignee::User(id),
    };
    let creator = |person| match person {
        Person::Me => Ok(caller.id),
        Person::Nobody => {
            Err(Error::bad_request(Code::InvalidParameter, "created_by: everything was created by somebody."))
        }
        Person::User(id) => Ok(id),
    };
    Ok(TaskFilter {
        project_ids: params.project_id.distinct(),
        statuses: params.status.distinct(),
        priorities: params.priority.distinct(),
        assignees: params.assignee_id.distinct().into_iter().map(assignee).collect(),
        created_by: params.created_by.distinct().into_iter().map(creator).collect::<Result<_, _>>()?,
        labels: params.label.distinct(),
        due_before: params.due_before,
        due_after: params.due_after,
        overdue: params.overdue,
        parent_id: params.parent_id,
        q: search_text(params.q)?,
        in_trash: params.deleted,
        sort: sort(&params.sort.0)?,
    })
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
            _ => {
                let message = "sort must be a list of due_at, priority, status, created_at, updated_at, title, each with - to turn it round.";
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

//! `PATCH /v1/tasks/{id}`

use axum::extract::State;
use chrono::{DateTime, Utc};
use serde::Deserialize;
use shared::{
    db::tasks::TaskRef,
    domain::{
        recurrence::Recurrence,
        task::{Priority, Status, Task, TaskPatch},
    },
};
use utoipa::ToSchema;
use uuid::Uuid;

use taskbell_http::{
    ApiResult, AppState, Function, Problem, Topic,
    bodies::Label,
    edit_task,
    extract::{Authenticated, IfMatch, PathId, ValidJson, double_option},
    respond::WithEtag,
};

/// What is to change in a task: what is absent stays as it is, `null` clears.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TaskChanges {
    /// One line.
    #[schema(value_type = String, required = false, format = "line", min_length = 1, max_length = 200)]
    title: Option<String>,
    /// Markdown; `@[name](user:<id>)` mentions someone.
    #[serde(default, deserialize_with = "double_option")]
    #[schema(value_type = Option<String>, format = "text", max_length = 20000)]
    description: Option<Option<String>>,
    /// Moves the task, with its subtasks, to a project that the caller belongs to. Leaving a project takes the right to delete each of
    /// them; their assignees must be members of the new one.
    #[schema(value_type = Uuid, required = false)]
    project_id: Option<Uuid>,
    /// A member of the project whose account is active.
    #[serde(default, deserialize_with = "double_option")]
    #[schema(value_type = Option<Uuid>)]
    assignee_id: Option<Option<Uuid>>,
    /// How far it is.
    #[schema(value_type = Status, required = false)]
    status: Option<Status>,
    /// How urgent it is.
    #[schema(value_type = Priority, required = false)]
    priority: Option<Priority>,
    /// When it must be done.
    #[serde(default, deserialize_with = "double_option")]
    #[schema(value_type = Option<DateTime<Utc>>)]
    due_at: Option<Option<DateTime<Utc>>>,
    /// A task of the same project that it is a part of. A tree has at most 5 levels and 500 tasks.
    #[serde(default, deserialize_with = "double_option")]
    #[schema(value_type = Option<Uuid>)]
    parent_id: Option<Option<Uuid>>,
    /// Free words, instead of those that it had.
    #[serde(default, deserialize_with = "double_option")]
    #[schema(value_type = Option<Vec<Label>>, max_items = 20)]
    labels: Option<Option<Vec<String>>>,
    /// When it comes again.
    #[serde(default, deserialize_with = "double_option")]
    #[schema(value_type = Option<Recurrence>)]
    recurrence: Option<Option<Recurrence>>,
}

pub(crate) const FUNCTION: Function = Function { sends: &[Topic::Events], ..Function::DEFAULT };

/// Changes a task.
///
/// Its creator and its assignee may do this, and managers who belong to the project, and administrators. The people
/// concerned are notified. Finishing a task that recurs creates the next one.
#[utoipa::path(patch, path = "/v1/tasks/{id}", operation_id = "update-task", tag = "tasks",
    params(("If-Match" = Option<String>, Header), ("id" = String, Path, description = "The id or the key.")), request_body = TaskChanges,
    responses((status = 200, body = Task), (status = 409, description = "It has too many subtasks to come again, or its tree has no room for it.", body = Problem), (status = 403)))]
pub(crate) async fn update_task(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    PathId(id): PathId<String>,
    if_match: IfMatch,
    ValidJson { value: changes, .. }: ValidJson<TaskChanges>,
) -> ApiResult<WithEtag<Task>> {
    let patch = TaskPatch {
        project_id: changes.project_id,
        title: changes.title.map(|title| title.trim().to_owned()),
        description: changes.description.map(Option::unwrap_or_default),
        status: changes.status,
        priority: changes.priority,
        due_at: changes.due_at,
        assignee_id: changes.assignee_id,
        parent_id: changes.parent_id,
        labels: changes.labels.map(Option::unwrap_or_default),
        recurrence: changes.recurrence,
    };
    let task: TaskRef = id.parse()?;
    Ok(edit_task(&state, &caller, &task, &if_match, patch).await?)
}

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

/// Request body for changing a task. Absent fields stay unchanged; `null` clears a field.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TaskChanges {
    /// Title, one line.
    #[schema(value_type = String, required = false, format = "line", min_length = 1, max_length = 200)]
    title: Option<String>,
    /// Description in Markdown. `@[name](user:<id>)` mentions a user.
    #[serde(default, deserialize_with = "double_option")]
    #[schema(value_type = Option<String>, format = "text", max_length = 20000)]
    description: Option<Option<String>>,
    /// Moves the task and its subtasks to a project that the caller belongs to. The caller must have the right to delete
    /// each of them, and their assignees must be members of the new project.
    #[schema(value_type = Uuid, required = false)]
    project_id: Option<Uuid>,
    /// Assignee: an active member of the project.
    #[serde(default, deserialize_with = "double_option")]
    #[schema(value_type = Option<Uuid>)]
    assignee_id: Option<Option<Uuid>>,
    /// Status.
    #[schema(value_type = Status, required = false)]
    status: Option<Status>,
    /// Priority.
    #[schema(value_type = Priority, required = false)]
    priority: Option<Priority>,
    /// Due date and time.
    #[serde(default, deserialize_with = "double_option")]
    #[schema(value_type = Option<DateTime<Utc>>)]
    due_at: Option<Option<DateTime<Utc>>>,
    /// Parent task, in the same project. A tree has at most 5 levels and 500 tasks.
    #[serde(default, deserialize_with = "double_option")]
    #[schema(value_type = Option<Uuid>)]
    parent_id: Option<Option<Uuid>>,
    /// Labels. Replaces all labels of the task.
    #[serde(default, deserialize_with = "double_option")]
    #[schema(value_type = Option<Vec<Label>>, max_items = 20)]
    labels: Option<Option<Vec<String>>>,
    /// Recurrence rule.
    #[serde(default, deserialize_with = "double_option")]
    #[schema(value_type = Option<Recurrence>)]
    recurrence: Option<Option<Recurrence>>,
}

pub(crate) const FUNCTION: Function = Function { sends: &[Topic::Events], ..Function::DEFAULT };

/// Changes a task.
///
/// Its creator and its assignee may do this, and managers who belong to the project, and administrators. Assignees and
/// watchers are notified. Finishing a recurring task creates the next occurrence.
#[utoipa::path(patch, path = "/v1/tasks/{id}", operation_id = "update-task", tag = "tasks",
    params(("If-Match" = Option<String>, Header), ("id" = String, Path, description = "Id or key of the task.")), request_body = TaskChanges,
    responses((status = 200, body = Task), (status = 409, description = "The task recurs and has too many subtasks to copy, or its tree would become too large.", body = Problem), (status = 403)))]
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

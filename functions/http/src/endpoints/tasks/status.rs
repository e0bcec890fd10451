//! `PUT /v1/tasks/{id}/status`

use axum::extract::State;
use serde::Deserialize;
use shared::{
    db::tasks::TaskRef,
    domain::task::{Status, Task, TaskPatch},
};
use utoipa::ToSchema;

use taskbell_http::{
    ApiResult, AppState, Function, Problem, Topic, edit_task,
    extract::{Authenticated, IfMatch, PathId, ValidJson},
    respond::WithEtag,
};

/// Request body for setting the status of a task.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewStatus {
    status: Status,
}

pub(crate) const FUNCTION: Function = Function { sends: &[Topic::Events], ..Function::DEFAULT };

/// Sets the status of a task.
///
/// Its creator and its assignee may do this, and managers who belong to the project, and administrators. Finishing a
/// recurring task creates the next occurrence.
#[utoipa::path(put, path = "/v1/tasks/{id}/status", operation_id = "set-task-status", tag = "tasks",
    params(("If-Match" = Option<String>, Header), ("id" = String, Path, description = "Id or key of the task.")), request_body = NewStatus,
    responses((status = 200, body = Task), (status = 409, description = "The task recurs and has too many subtasks to copy, or its tree would become too large.", body = Problem), (status = 403)))]
pub(crate) async fn set_task_status(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    PathId(id): PathId<String>,
    if_match: IfMatch,
    ValidJson { value: new, .. }: ValidJson<NewStatus>,
) -> ApiResult<WithEtag<Task>> {
    let patch = TaskPatch { status: Some(new.status), ..TaskPatch::default() };
    let task: TaskRef = id.parse()?;
    Ok(edit_task(&state, &caller, &task, &if_match, patch).await?)
}

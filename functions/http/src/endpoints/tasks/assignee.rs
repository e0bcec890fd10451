//! `PUT /v1/tasks/{id}/assignee`

use axum::extract::State;
use serde::Deserialize;
use shared::{
    db::tasks::TaskRef,
    domain::task::{Task, TaskPatch},
};
use utoipa::ToSchema;
use uuid::Uuid;

use taskbell_http::{
    ApiResult, AppState, Function, Topic, edit_task,
    extract::{Authenticated, IfMatch, PathId, ValidJson, double_option},
    respond::WithEtag,
};

/// Request body for assigning a task.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewAssignee {
    /// Assignee: an active member of the project. `null`: unassigned.
    #[serde(deserialize_with = "double_option")]
    #[schema(value_type = Option<Uuid>, required = true)]
    assignee_id: Option<Option<Uuid>>,
}

pub(crate) const FUNCTION: Function = Function { sends: &[Topic::Events], ..Function::DEFAULT };

/// Assigns a task to a user, or unassigns it.
///
/// The creator and the assignee of the task may do this, and managers who belong to the project, and administrators.
/// The assignee must be a member of the project. Both the former and the new assignee are notified.
#[utoipa::path(put, path = "/v1/tasks/{id}/assignee", operation_id = "set-task-assignee", tag = "tasks",
    params(("If-Match" = Option<String>, Header), ("id" = String, Path, description = "Id or key of the task.")), request_body = NewAssignee,
    responses((status = 200, body = Task), (status = 403)))]
pub(crate) async fn set_task_assignee(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    PathId(id): PathId<String>,
    if_match: IfMatch,
    ValidJson { value: new, .. }: ValidJson<NewAssignee>,
) -> ApiResult<WithEtag<Task>> {
    let patch = TaskPatch { assignee_id: new.assignee_id, ..TaskPatch::default() };
    let task: TaskRef = id.parse()?;
    Ok(edit_task(&state, &caller, &task, &if_match, patch).await?)
}

//! `DELETE /v1/tasks/{id}`

use axum::{extract::State, http::StatusCode};
use shared::{
    db::{
        locks,
        tasks::{self, TaskRef},
        trees,
    },
    domain::access::Delete,
};

use taskbell_http::{
    ApiResult, AppState, Function, Topic,
    extract::{Authenticated, IfMatch, PathId},
};

pub(crate) const FUNCTION: Function = Function { sends: &[Topic::Events], ..Function::DEFAULT };

/// Moves a task and its subtasks to the trash.
///
/// Its creator may do this, and managers who belong to the project, and administrators. It can be restored for thirty
/// days, and is then deleted permanently.
#[utoipa::path(delete, path = "/v1/tasks/{id}", operation_id = "delete-task", tag = "tasks",
    params(("If-Match" = Option<String>, Header), ("id" = String, Path, description = "Id or key of the task.")), responses((status = 204), (status = 403)))]
pub(crate) async fn delete_task(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    PathId(id): PathId<String>,
    if_match: IfMatch,
) -> ApiResult<StatusCode> {
    let task: TaskRef = id.parse()?;
    locks::retrying(|| async {
        let mut tx = state.begin().await?;
        let task = tasks::lock_alone(&mut tx, &caller, &task, None, Delete).await?;
        if_match.check(task.version, &*task)?;
        trees::delete(&mut tx, &task).await?;
        tx.commit(&state.queues).await
    })
    .await?;
    Ok(StatusCode::NO_CONTENT)
}

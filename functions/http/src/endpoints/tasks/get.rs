//! `GET /v1/tasks/{id}`

use axum::extract::State;
use shared::{
    db::tasks::{self, TaskRef},
    domain::task::Task,
};

use taskbell_http::{
    ApiResult, AppState, Function,
    extract::{Authenticated, PathId},
    respond::WithEtag,
};

pub(crate) const FUNCTION: Function = Function::DEFAULT;

/// Returns a task.
///
/// Members of its project may do this, and administrators. Fails with 404 if the task is in the trash.
#[utoipa::path(get, path = "/v1/tasks/{id}", operation_id = "get-task", tag = "tasks",
    params(("id" = String, Path, description = "Id or key of the task.")), responses((status = 200, body = Task)))]
pub(crate) async fn get_task(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    PathId(id): PathId<String>,
) -> ApiResult<WithEtag<Task>> {
    let task: TaskRef = id.parse()?;
    let task = tasks::find(&mut *state.connection().await?, &caller, &task).await?;
    Ok(WithEtag(task.version, task))
}

//! `POST /v1/tasks/{id}/restore`

use axum::extract::State;
use shared::{
    db::{
        locks,
        tasks::{self, TaskRef},
        trees,
    },
    domain::{access::Restore, task::Task},
};

use taskbell_http::{
    ApiResult, AppState, Function, Problem, Topic,
    extract::{Authenticated, PathId},
    respond::WithEtag,
};

pub(crate) const FUNCTION: Function = Function { sends: &[Topic::Events], ..Function::DEFAULT };

/// Restores a task from the trash.
///
/// Its creator may do this, and managers who belong to the project, and administrators. Subtasks that were moved to
/// the trash with it are restored, too.
#[utoipa::path(post, path = "/v1/tasks/{id}/restore", operation_id = "restore-task", tag = "tasks",
    params(("id" = String, Path, description = "Id or key of the task.")),
    responses((status = 200, body = Task),
        (status = 409, description = "Its project or parent is in the trash, or it has been in the trash for more than thirty days.", body = Problem), (status = 403)))]
pub(crate) async fn restore_task(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    PathId(id): PathId<String>,
) -> ApiResult<WithEtag<Task>> {
    let task: TaskRef = id.parse()?;
    let task = locks::retrying(|| async {
        let mut tx = state.begin().await?;
        let trashed = tasks::lock_alone(&mut tx, &caller, &task, None, Restore).await?;
        trees::restore(&mut tx, &trashed).await?;
        let task = tasks::find(&mut tx, &caller, &TaskRef::Id(trashed.id)).await?;
        tx.commit(&state.queues).await?;
        Ok(task)
    })
    .await?;
    Ok(WithEtag(task.version, task))
}

//! `DELETE /v1/tasks/{id}/watchers/me`

use axum::{extract::State, http::StatusCode};
use shared::{
    db::{
        locks,
        tasks::{self, TaskRef},
        watchers,
    },
    domain::access::Discuss,
};

use taskbell_http::{
    ApiResult, AppState, Function,
    extract::{Authenticated, PathId},
};

pub(crate) const FUNCTION: Function = Function::DEFAULT;

/// Stops watching a task.
///
/// Its creator and its assignee are still notified of what happens to it. Does nothing if the caller does not watch the task.
#[utoipa::path(delete, path = "/v1/tasks/{id}/watchers/me", operation_id = "unwatch-task", tag = "tasks",
    params(("id" = String, Path, description = "Id or key of the task.")), responses((status = 204)))]
pub(crate) async fn unwatch_task(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    PathId(id): PathId<String>,
) -> ApiResult<StatusCode> {
    let task: TaskRef = id.parse()?;
    locks::retrying(|| async {
        let mut tx = state.begin().await?;
        let task = tasks::lock(&mut tx, &caller, &task, Discuss).await?;
        watchers::remove(&mut tx, &task).await?;
        tx.commit(&state.queues).await
    })
    .await?;
    Ok(StatusCode::NO_CONTENT)
}

//! `PUT /v1/tasks/{id}/watchers/me`

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

/// Watches a task.
///
/// The caller is notified of its changes. Everybody who sees the task may do this. Does nothing if the caller already
/// watches the task.
#[utoipa::path(put, path = "/v1/tasks/{id}/watchers/me", operation_id = "watch-task", tag = "tasks",
    params(("id" = String, Path, description = "Id or key of the task.")), responses((status = 204)))]
pub(crate) async fn watch_task(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    PathId(id): PathId<String>,
) -> ApiResult<StatusCode> {
    let task: TaskRef = id.parse()?;
    locks::retrying(|| async {
        let mut tx = state.begin().await?;
        let task = tasks::lock(&mut tx, &caller, &task, Discuss).await?;
        watchers::add(&mut tx, &task).await?;
        tx.commit(&state.queues).await
    })
    .await?;
    Ok(StatusCode::NO_CONTENT)
}

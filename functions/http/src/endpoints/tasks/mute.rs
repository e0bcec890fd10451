//! `PUT /v1/tasks/{id}/mute`

use axum::{extract::State, http::StatusCode};
use shared::{
    db::{
        locks, mutes,
        tasks::{self, TaskRef},
    },
    domain::access::Discuss,
};

use taskbell_http::{
    ApiResult, AppState, Function,
    extract::{Authenticated, PathId},
};

pub(crate) const FUNCTION: Function = Function::DEFAULT;

/// Mutes a task.
///
/// From then on the caller is notified only if they are mentioned or assigned, and of the deadline if the task is assigned
/// to them. This also holds if they watch the task or its project. Everybody who sees the task may do
/// this. Does nothing if the caller already muted the task.
#[utoipa::path(put, path = "/v1/tasks/{id}/mute", operation_id = "mute-task", tag = "tasks",
    params(("id" = String, Path, description = "Id or key of the task.")), responses((status = 204)))]
pub(crate) async fn mute_task(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    PathId(id): PathId<String>,
) -> ApiResult<StatusCode> {
    let task: TaskRef = id.parse()?;
    locks::retrying(|| async {
        let mut tx = state.begin().await?;
        let task = tasks::lock(&mut tx, &caller, &task, Discuss).await?;
        mutes::add(&mut tx, &task).await?;
        tx.commit(&state.queues).await
    })
    .await?;
    Ok(StatusCode::NO_CONTENT)
}

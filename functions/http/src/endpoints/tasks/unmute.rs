//! `DELETE /v1/tasks/{id}/mute`

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

/// Unmutes a task.
///
/// Does nothing if the task is not muted.
#[utoipa::path(delete, path = "/v1/tasks/{id}/mute", operation_id = "unmute-task", tag = "tasks",
    params(("id" = String, Path, description = "Id or key of the task.")), responses((status = 204)))]
pub(crate) async fn unmute_task(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    PathId(id): PathId<String>,
) -> ApiResult<StatusCode> {
    let task: TaskRef = id.parse()?;
    locks::retrying(|| async {
        let mut tx = state.begin().await?;
        let task = tasks::lock(&mut tx, &caller, &task, Discuss).await?;
        mutes::remove(&mut tx, &task).await?;
        tx.commit(&state.queues).await
    })
    .await?;
    Ok(StatusCode::NO_CONTENT)
}

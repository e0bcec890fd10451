//! `POST /v1/tasks/{id}/restore`

use axum::extract::State;
use shared::{
    db::tasks::{self, TaskRef},
    domain::task::Task,
};

use taskbell_http::{
    Answer, AppState, Problem,
    extract::{Authenticated, Id},
    respond::Tagged,
};

/// Takes a task out of the trash, with the subtasks that went there with it.
#[utoipa::path(post, path = "/v1/tasks/{id}/restore", operation_id = "restore-task", tag = "tasks",
    params(("id" = String, Path, description = "The id or the key.")),
    responses((status = 200, body = Task),
        (status = 409, description = "What it belongs to is in the trash, or its thirty days there are over.", body = Problem)))]
pub(crate) async fn restore_task(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Id(id): Id<String>,
) -> Answer<Tagged<Task>> {
    let task: TaskRef = id.parse()?;
    let mut tx = state.begin().await?;
    let trashed = tasks::lock(&mut tx, &caller, &task, true).await?;
    caller.may_delete(trashed.created_by)?;
    let outgoing = tasks::restore(&mut tx, &caller, &trashed).await?;
    let task = tasks::find(&mut tx, &caller, &TaskRef::Id(trashed.id), false).await?;
    state.commit(tx, outgoing).await?;
    Ok(Tagged(task.version, task))
}

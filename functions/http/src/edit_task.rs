use shared::{
    app,
    db::tasks::TaskRef,
    domain::{
        Caller,
        task::{Task, TaskPatch},
    },
};

use crate::{AppState, extract::IfMatch, respond::WithEtag};

/// Changes a task if it has one of the versions of `If-Match`: see [`app::edit_task`].
pub async fn edit_task(
    state: &AppState,
    caller: &Caller,
    task: &TaskRef,
    if_match: &IfMatch,
    patch: TaskPatch,
) -> shared::Result<WithEtag<Task>> {
    let precondition = |task: &Task| if_match.check(task.version, task);
    let task = app::edit_task(&state.db, &state.queues, caller, task, &precondition, patch).await?;
    Ok(WithEtag(task.version, task))
}

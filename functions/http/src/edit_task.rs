use chrono::Utc;
use shared::{
    db::{
        labels, recurrences,
        tasks::{self, TaskRef},
    },
    domain::{
        Caller,
        task::{Task, TaskPatch, distinct},
    },
};

use crate::{AppState, extract::IfMatch, respond::Tagged};

/// Changes a task, as PATCH and the shorter ways to the same end do it: reads, decides and writes in one transaction.
pub async fn edit_task(
    state: &AppState,
    caller: &Caller,
    task: &TaskRef,
    if_match: &IfMatch,
    mut patch: TaskPatch,
) -> shared::Result<Tagged<Task>> {
    let mut tx = state.begin().await?;
    let mut task = tasks::lock(&mut tx, caller, task, false).await?;
    caller.may_edit(&task)?;
    if_match.check(task.version, &task)?;
    if patch.labels.is_some() || patch.project_id.is_some() {
        let project_id = patch.project_id.unwrap_or(task.project_id);
        let given = patch.labels.map_or_else(|| task.labels.clone(), distinct);
        patch.labels = Some(labels::spelled(&mut tx, caller, project_id, given).await?);
    }
    let mut changes = task.apply(patch, Utc::now());
    if !changes.is_empty() {
        if let Some(parent_id) = task.parent_id.filter(|_| changes.iter().any(|change| change.field == "parent_id")) {
            tasks::check_parent(&mut tx, &task, parent_id).await?;
        }
        task.check_recurrence(&changes)?;
        if changes.iter().any(|change| change.field == "recurrence") {
            recurrences::begin_anew(&mut tx, task.id).await?;
        }
        let passed_on = task.pass_on_recurrence(&mut changes);
        let mut outgoing = tasks::save(&mut tx, caller, &mut task, &changes).await?;
        if let Some(recurrence) = passed_on {
            outgoing = outgoing.and(recurrences::come_again(&mut tx, caller, &task, &recurrence).await?);
        }
        state.commit(tx, outgoing).await?;
    }
    Ok(Tagged(task.version, task))
}

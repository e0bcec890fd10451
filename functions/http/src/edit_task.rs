use chrono::Utc;
use shared::{
    db::{
        labels, locks, members, recurrences,
        tasks::{self, TaskRef},
        trees,
    },
    domain::{
        Caller,
        access::Edit,
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
    patch: TaskPatch,
) -> shared::Result<Tagged<Task>> {
    locks::retrying(|| edit(state, caller, task, if_match, patch.clone())).await
}

async fn edit(
    state: &AppState,
    caller: &Caller,
    task: &TaskRef,
    if_match: &IfMatch,
    mut patch: TaskPatch,
) -> shared::Result<Tagged<Task>> {
    let mut tx = state.begin().await?;
    let mut task = if patch.concerns_others() {
        tasks::lock_alone(&mut tx, caller, task, patch.project_id, Edit).await?
    } else {
        tasks::lock(&mut tx, caller, task, Edit).await?
    };
    if_match.check(task.version, &*task)?;
    if patch.labels.is_some() || patch.project_id.is_some() {
        let project_id = patch.project_id.unwrap_or(task.project_id);
        let given = patch.labels.map_or_else(|| task.labels.clone(), distinct);
        patch.labels = Some(labels::spelled(&mut tx, caller, project_id, given).await?);
    }
    let mut changes = task.apply(patch, Utc::now());
    if !changes.is_empty() {
        let has = |field: &str| changes.iter().any(|change| change.field == field);
        if let Some(parent_id) = task.parent_id.filter(|_| has("parent_id")) {
            trees::check_parent(&mut tx, &task, parent_id).await?;
        }
        if let Some(assignee_id) = task.assignee_id.filter(|_| has("assignee_id")) {
            members::check_assignee(&mut tx, task.project_id, assignee_id).await?;
        }
        task.check_recurrence(&changes)?;
        if has("recurrence") {
            recurrences::begin_anew(&mut tx, task.id).await?;
        }
        let passed_on = task.pass_on_recurrence(&mut changes);
        tasks::save(&mut tx, &mut task, &changes).await?;
        if let Some(recurrence) = passed_on {
            recurrences::come_again(&mut tx, caller, &task, &recurrence).await?;
        }
        tx.commit(&state.queues).await?;
    }
    Ok(Tagged(task.version, task.into_inner()))
}

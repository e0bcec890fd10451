use chrono::Utc;

use crate::{
    Result,
    db::{
        Database, labels, locks, members, recurrences,
        tasks::{self, TaskRef},
        trees,
    },
    domain::{
        Caller,
        access::Edit,
        activity::TaskField,
        task::{Task, TaskPatch, normalize_labels},
    },
    queue::Queues,
};

/// Changes a task: reads, checks and writes in one transaction, and notifies the people concerned. Returns the changed
/// task. A patch that changes nothing writes nothing.
///
/// Completing a recurring task creates its next occurrence. Fails if the caller may not change the task, if
/// `precondition` fails for the current task, or if the patch breaks a rule of the domain.
pub async fn edit_task(
    db: &Database,
    queues: &Queues,
    caller: &Caller,
    task: &TaskRef,
    precondition: &(dyn Fn(&Task) -> Result<()> + Sync),
    patch: TaskPatch,
) -> Result<Task> {
    locks::retrying(|| edit(db, queues, caller, task, precondition, patch.clone())).await
}

async fn edit(
    db: &Database,
    queues: &Queues,
    caller: &Caller,
    task: &TaskRef,
    precondition: &(dyn Fn(&Task) -> Result<()> + Sync),
    mut patch: TaskPatch,
) -> Result<Task> {
    let mut tx = db.begin().await?;
    let mut task = if patch.concerns_others() {
        tasks::lock_alone(&mut tx, caller, task, patch.project_id, Edit).await?
    } else {
        tasks::lock(&mut tx, caller, task, Edit).await?
    };
    precondition(&task)?;
    if patch.labels.is_some() || patch.project_id.is_some() {
        let project_id = patch.project_id.unwrap_or(task.project_id);
        let given = patch.labels.map_or_else(|| task.labels.clone(), normalize_labels);
        patch.labels = Some(labels::with_spelling_of(&mut tx, caller, project_id, given).await?);
    }
    let mut changes = task.apply(patch, Utc::now());
    if changes.is_empty() {
        return Ok(task.into_inner());
    }
    let has = |field| changes.iter().any(|change| change.field == field);
    if let Some(parent_id) = task.parent_id.filter(|_| has(TaskField::ParentId)) {
        trees::check_parent(&mut tx, &task, parent_id).await?;
    }
    if let Some(assignee_id) = task.assignee_id.filter(|_| has(TaskField::AssigneeId)) {
        members::check_assignee(&mut tx, task.project_id, assignee_id).await?;
    }
    task.check_recurrence(&changes)?;
    if has(TaskField::Recurrence) {
        recurrences::reset_series(&mut tx, task.id).await?;
    }
    let passed_on = task.take_recurrence(&mut changes);
    tasks::save(&mut tx, &mut task, &changes).await?;
    if let Some(recurrence) = passed_on {
        recurrences::create_next_occurrence(&mut tx, caller, &task, &recurrence).await?;
    }
    tx.commit(queues).await?;
    Ok(task.into_inner())
}

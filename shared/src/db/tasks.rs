//! Single tasks. Lists of tasks are in `task_list`.

use chrono::Utc;
use serde_json::json;
use sqlx::PgConnection;
use uuid::Uuid;

pub use super::task_ref::TaskRef;
use super::{Tx, locks, members, outbox, projects, reminders, sessions, task_history, trees};
use crate::{
    Error, Result,
    domain::{
        Caller, TokenClaims,
        access::{Action, Edit, Permitted, Rights},
        activity::{ActivityKind, Change},
        event::{Event, TaskEvent},
        mention::{mentions, newly_mentioned_by},
        new_task::NewTask,
        preferences::Preferences,
        project::{ProjectRole, Trash},
        rank,
        task::{Priority, Status, Task, truncate_to_micros},
    },
};

/// The columns of a [`Task`] from `tasks t` and its `projects p`, except `watching` and `muted`, which depend on the caller.
macro_rules! task_columns {
    () => {
        concat!(
            "t.id, p.key || '-' || t.number AS key, t.project_id, t.title, t.description, t.status, t.priority, t.due_at, \
             t.assignee_id, t.parent_id, t.labels, t.recurrence, ",
            $crate::db::ranks::rank_expression!(),
            " AS rank, t.created_by, t.completed_at, t.deleted_at, t.version, t.created_at, t.updated_at"
        )
    };
}
pub(super) use task_columns;

/// Returns the task in use, if `caller` may see it.
pub async fn find(conn: &mut PgConnection, caller: &Caller, task: &TaskRef) -> Result<Task> {
    Ok(look_up(conn, caller, task, Trash::Excluded).await?.0)
}

/// Returns the task, if `caller` may see it, and what they may do in its project.
pub(super) async fn look_up(
    conn: &mut PgConnection,
    caller: &Caller,
    task: &TaskRef,
    trash: Trash,
) -> Result<(Task, Rights)> {
    let (id, project_key, number) = task.parts();
    let found: Found = sqlx::query_as(concat!(
        "SELECT ",
        task_columns!(),
        ", EXISTS (SELECT 1 FROM watchers w WHERE w.task_id = t.id AND w.user_id = $5) AS watching,
           EXISTS (SELECT 1 FROM task_mutes o WHERE o.task_id = t.id AND o.user_id = $5) AS muted, p.owner_id, v.role
         FROM named_task($1, $2, $3) n JOIN tasks t ON t.id = n.task_id JOIN projects p ON p.id = t.project_id
         JOIN visible_projects($5, $4) v ON v.project_id = p.id
         WHERE $6::boolean IS NULL OR (t.deleted_at IS NOT NULL) = $6"
    ))
    .bind(id)
    .bind(project_key)
    .bind(number)
    .bind(caller.sees_everything())
    .bind(caller.id)
    .bind(trash.in_trash())
    .fetch_one(conn)
    .await?;
    Ok((found.task, Rights::new(caller, found.role, found.owner_id)))
}

/// A task, and the data that decides what a caller may do to it.
#[derive(sqlx::FromRow)]
struct Found {
    #[sqlx(flatten)]
    task: Task,
    owner_id: Uuid,
    role: Option<ProjectRole>,
}

/// Returns the tasks with these ids, in use or in the trash, without `watching` and `muted`. Does not check access: the
/// caller must.
pub async fn find_all(conn: &mut PgConnection, ids: &[Uuid]) -> Result<Vec<Task>> {
    let tasks = sqlx::query_as(concat!(
        "SELECT ",
        task_columns!(),
        ", NULL::boolean AS watching, NULL::boolean AS muted FROM tasks t JOIN projects p ON p.id = t.project_id WHERE t.id = ANY($1)"
    ))
    .bind(ids)
    .fetch_all(conn)
    .await?;
    Ok(tasks)
}

/// Returns the task with this id: see [`find_all`].
pub async fn find_any(conn: &mut PgConnection, id: Uuid) -> Result<Option<Task>> {
    Ok(find_all(conn, &[id]).await?.pop())
}

/// Returns the id of a task and of its project, at this moment.
async fn place(conn: &mut PgConnection, task: &TaskRef) -> Result<(Uuid, Uuid)> {
    let (id, project_key, number) = task.parts();
    let task = sqlx::query!(
        "SELECT t.id, t.project_id FROM named_task($1, $2, $3) n JOIN tasks t ON t.id = n.task_id",
        id,
        project_key,
        number,
    )
    .fetch_one(conn)
    .await?;
    Ok((task.id, task.project_id))
}

/// Returns the task, locked until the transaction ends, for a caller who may do `A` to it. Its project is shared: its
/// tree, its trash and its members stay as they are until then (see [`locks`]).
///
/// Fails with [`Error::NotFound`] if the caller does not see it, and with [`Error::Forbidden`] if they may not do `A`.
pub async fn lock<A: Action<Task>>(
    conn: &mut PgConnection,
    caller: &Caller,
    task: &TaskRef,
    _: A,
) -> Result<Permitted<Task, A>> {
    let (task, rights) = lock_and_look_up(conn, caller, task, A::TRASH).await?;
    Permitted::check(caller, rights, task)
}

async fn lock_and_look_up(
    conn: &mut PgConnection,
    caller: &Caller,
    task: &TaskRef,
    trash: Trash,
) -> Result<(Task, Rights)> {
    let (id, project_key, number) = task.parts();
    let locked = sqlx::query!(
        "WITH named AS (SELECT task_id AS id FROM named_task($1, $2, $3)),
         place AS (
             SELECT p.id FROM projects p
             WHERE p.id = (SELECT t.project_id FROM tasks t JOIN named USING (id))
                AND EXISTS (SELECT 1 FROM visible_projects($5, $4) v WHERE v.project_id = p.id)
             FOR KEY SHARE)
         SELECT t.id, place.id AS project_id FROM place CROSS JOIN tasks t
         WHERE t.id = (SELECT named.id FROM named) FOR NO KEY UPDATE OF t",
        id,
        project_key,
        number,
        caller.sees_everything(),
        caller.id,
    )
    .fetch_one(&mut *conn)
    .await?;
    let (task, rights) = look_up(conn, caller, &TaskRef::Id(locked.id), trash).await?;
    locks::check_place(locked.project_id, task.project_id)?;
    Ok((task, rights))
}

/// Like [`lock`], but holds the task's project alone, and the project `to` which it moves if `caller` belongs to that.
pub async fn lock_alone<A: Action<Task>>(
    conn: &mut PgConnection,
    caller: &Caller,
    task: &TaskRef,
    to: Option<Uuid>,
    _: A,
) -> Result<Permitted<Task, A>> {
    let (id, project_id) = place(conn, task).await?;
    let projects: Vec<Uuid> = to.into_iter().chain([project_id]).collect();
    let locked = locks::alone(conn, caller, &projects).await?;
    let (task, rights) = look_up(conn, caller, &TaskRef::Id(id), A::TRASH).await?;
    locks::check_place(project_id, task.project_id)?;
    let task = Permitted::check(caller, rights, task)?;
    if let Some(to) = to.filter(|to| *to != project_id) {
        // Errors must reveal nothing about the tasks and members of a project before it is known that the caller may
        // add something to it.
        projects::check_destination(conn, caller, to, &locked).await?;
    }
    Ok(task)
}

/// Creates a task: assigns the project's next number, plans its reminders, and records who created it and whom its
/// description mentions. It is a single statement, and a transaction by itself, unless the task is a subtask: then a
/// transaction is begun, if there is none yet.
///
/// Fails unless the caller's session is active, they belong to the project and are not a viewer there, and the parent
/// and the assignee belong to it, too, and the assignee is active and not a viewer. The project's row stays locked
/// until the transaction ends: creations in one project are sequential.
///
/// If the assignee becomes a viewer while the statement waits for the project, the task is not created, the number is
/// skipped, and the feed has a change of the project, since it has no gaps.
pub async fn create(tx: &mut Tx, claims: TokenClaims, new: NewTask) -> Result<Task> {
    let mentioned = mentions(&new.description);
    let Some(parent_id) = new.parent_id else { return insert(tx, claims, new, claims.user_id, mentioned).await };
    tx.begin().await?;
    let task = insert(tx, claims, new, claims.user_id, mentioned).await?;
    trees::check_new_part(tx, &task, parent_id).await?;
    Ok(task)
}

/// Like [`create`], but does not check whether the task may be a subtask of its parent, and records that `created_by`
/// created it and that these people are mentioned. It is one statement.
pub(super) async fn insert(
    tx: &mut Tx,
    claims: TokenClaims,
    new: NewTask,
    created_by: Uuid,
    mentioned: Vec<Uuid>,
) -> Result<Task> {
    let id = Uuid::now_v7();
    let completed_at = (new.status == Status::Done).then(|| truncate_to_micros(Utc::now()));
    let event = task_history::event(ActivityKind::Created, id, claims.user_id);
    let event = TaskEvent { assignee_id: new.assignee_id, mentioned, ..event };
    let event_id = event.activity_id;
    let created = sqlx::query!(
        r#"WITH caller AS (
               SELECT u.role FROM sessions s JOIN users u ON u.id = s.user_id
               WHERE s.id = $2 AND u.id = $3 AND u.active AND s.revoked_at IS NULL),
           place AS (
               UPDATE projects p SET task_counter = task_counter + 1, change_counter = change_counter + 1 FROM caller
               WHERE id = COALESCE($1, (SELECT inbox.id FROM projects inbox WHERE inbox.owner_id = $3 AND inbox.personal))
                 AND deleted_at IS NULL
                 AND (caller.role = 'admin'
                      OR EXISTS (SELECT 1 FROM memberships m WHERE m.project_id = p.id AND m.user_id = $3
                                 AND (m.role <> 'viewer' OR p.owner_id = $3)))
                 AND ($10::uuid IS NULL OR EXISTS (
                     SELECT 1 FROM assignable_members(p.id) a JOIN users u ON u.id = a.user_id WHERE u.id = $10 AND u.active))
               RETURNING id, key, task_counter, change_counter, owner_id),
           assignee AS (
               SELECT m.user_id FROM place JOIN memberships m ON m.project_id = place.id
               WHERE m.user_id = $10 AND (m.role <> 'viewer' OR place.owner_id = $10 OR (SELECT u.role = 'admin' FROM users u WHERE u.id = $10))
               FOR SHARE OF m),
           task AS (
               INSERT INTO tasks (id, project_id, number, title, description, status, priority, due_at, assignee_id, parent_id,
                                  labels, recurrence, created_by, completed_at, started_at)
               SELECT $4, id, task_counter, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15,
                      CASE WHEN $7 = 'in_progress'::task_status THEN now() END FROM place
               WHERE $10::uuid IS NULL OR EXISTS (SELECT 1 FROM assignee)
               RETURNING id, status, due_at, COALESCE(assignee_id, created_by) AS user_id, created_at, updated_at, labels),
           reminder AS (
               INSERT INTO reminders (task_id, user_id, due_at, fire_at)
               SELECT id, user_id, due_at, first_reminder(due_at, COALESCE(p.reminder_offsets, $16), now())
               FROM task LEFT JOIN notification_preferences p USING (user_id)
               WHERE due_at IS NOT NULL AND status IN ('todo', 'in_progress')),
           entry AS (
               INSERT INTO activity (id, task_id, actor_id, kind, changes) SELECT $17, id, $3, $18, '[]' FROM task),
           change AS (
               INSERT INTO project_changes (project_id, n, event, actor_id, task_id)
               SELECT place.id, change_counter, CASE WHEN task.id IS NULL THEN 'project_updated' ELSE 'created' END, $3, task.id
               FROM place LEFT JOIN task ON true),
           message AS (
               INSERT INTO outbox (id, queue, payload)
               SELECT $17, 'events',
                      in_feed(CASE WHEN task.id IS NULL THEN '{"event": "project_changed", "feed": []}' ELSE $19::jsonb END, place.id, change_counter)
               FROM place LEFT JOIN task ON true)
           SELECT place.id AS project_id, key || '-' || task_counter AS "key!", task_counter AS number, created_at, updated_at, labels FROM place, task"#,
        new.project_id,
        claims.session_id,
        claims.user_id,
        id,
        new.title,
        new.description,
        new.status as Status,
        new.priority as Priority,
        new.due_at,
        new.assignee_id,
        new.parent_id,
        &new.labels,
        new.recurrence.as_ref() as _,
        created_by,
        completed_at,
        &Preferences::default().reminder_offsets,
        event_id,
        ActivityKind::Created.as_str(),
        json!(Event::Task(event)),
    )
    .fetch_optional(&mut **tx)
    .await?;
    let Some(created) = created else {
        let caller = sessions::authenticate(tx, claims).await?;
        return Err(why_not_created(tx, &caller, new.project_id, new.assignee_id).await);
    };
    outbox::enqueue_events(tx, &[event_id]);
    Ok(Task {
        id,
        key: created.key,
        project_id: created.project_id,
        title: new.title,
        description: new.description,
        status: new.status,
        priority: new.priority,
        due_at: new.due_at,
        assignee_id: new.assignee_id,
        parent_id: new.parent_id,
        labels: created.labels,
        recurrence: new.recurrence,
        rank: rank::of_number(created.number),
        watching: Some(false),
        muted: Some(false),
        created_by,
        completed_at,
        deleted_at: None,
        version: 1,
        created_at: created.created_at,
        updated_at: created.updated_at,
    })
}

/// Returns why a statement created nothing for a caller who is logged in: there is no such project, or the assignee is
/// not active.
async fn why_not_created(
    conn: &mut PgConnection,
    caller: &Caller,
    project_id: Option<Uuid>,
    assignee_id: Option<Uuid>,
) -> Error {
    let Some(project_id) = project_id else { return members::not_a_member() };
    let Ok((_, rights)) = projects::look_up(conn, caller, project_id, Trash::Excluded).await else {
        return projects::not_joined();
    };
    if let Err(error) = rights.check_contribute() {
        return error;
    }
    match assignee_id {
        Some(assignee_id) => members::check_assignee(conn, project_id, assignee_id).await.err(),
        None => None,
    }
    .unwrap_or_else(projects::not_joined)
}

/// Saves a task that was changed, increments its version, and records the changes. If it moves to another project, its
/// subtasks move with it: see [`trees::move_tree`].
pub async fn save(tx: &mut Tx, task: &mut Permitted<Task, Edit>, changes: &[Change]) -> Result<()> {
    let caller = *task.caller();
    let kind = ActivityKind::from_changes(changes);
    let carried = match kind {
        ActivityKind::Moved => Some(trees::move_tree(tx, task).await?),
        _ => None,
    };
    let saved = sqlx::query!(
        "UPDATE tasks SET title = $2, description = $3, status = $4, priority = $5,
                due_at = $6, assignee_id = $7, parent_id = $8, labels = $9, recurrence = $10, completed_at = $11,
                started_at = CASE WHEN $4 = 'in_progress'::task_status THEN COALESCE(started_at, now()) ELSE started_at END,
                version = version + 1, updated_at = now()
         WHERE id = $1 RETURNING version, updated_at, labels",
        task.id,
        task.title,
        task.description,
        task.status as Status,
        task.priority as Priority,
        task.due_at,
        task.assignee_id,
        task.parent_id,
        &task.labels,
        task.recurrence.as_ref() as _,
        task.completed_at,
    )
    .fetch_one(&mut **tx)
    .await?;
    (task.version, task.updated_at, task.labels) = (saved.version, saved.updated_at, saved.labels);
    let event = TaskEvent { mentioned: newly_mentioned_by(changes), ..task_history::event(kind, task.id, caller.id) };
    let Some(carried) = carried else {
        if reminders::are_moved_by(changes) {
            reminders::plan(tx, &[task.id]).await?;
        }
        return task_history::record(tx, event, changes).await;
    };
    reminders::plan(tx, &carried.ids).await?;
    let event = TaskEvent { feed: vec![carried.moved_out], ..event };
    let shown: Vec<Change> = changes.iter().cloned().map(|change| carried.shown(change)).collect();
    task_history::record_tree(tx, event, &carried.ids, &shown).await
}

//! Single tasks. Lists of them are in `task_list`.

use std::str::FromStr;

use serde_json::json;
use sqlx::{PgConnection, types::Json};
use uuid::Uuid;

use super::{outbox::Outgoing, projects, reminders, sessions, task_history};
use crate::{
    Code, Error, Result,
    domain::{
        Bearer, Caller,
        event::{Event, TaskEvent},
        mention::newly_mentioned_by,
        preferences::Preferences,
        recurrence::Recurrence,
        task::{ActivityKind, Change, Priority, Status, Task},
    },
};

/// How a request names a task: by its id or by its key.
#[derive(Debug, Clone)]
pub enum TaskRef {
    /// `0190…`
    Id(Uuid),
    /// `WEB-42`
    Key(String, i32),
}

impl FromStr for TaskRef {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        if let Ok(id) = Uuid::try_parse(text) {
            return Ok(Self::Id(id));
        }
        let (project_key, number) = text.rsplit_once('-').ok_or(Error::NotFound)?;
        if !project_key.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return Err(Error::NotFound);
        }
        Ok(Self::Key(project_key.to_ascii_uppercase(), number.parse().map_err(|_| Error::NotFound)?))
    }
}

impl TaskRef {
    fn parts(&self) -> (Option<Uuid>, Option<&str>, Option<i32>) {
        match self {
            Self::Id(id) => (Some(*id), None, None),
            Self::Key(project_key, number) => (None, Some(project_key), Some(*number)),
        }
    }
}

/// A number that a project gave out.
#[derive(Debug)]
pub(super) struct Number {
    /// The first half of the task's key.
    pub(super) project_key: String,
    /// The second half.
    pub(super) number: i32,
}

impl Number {
    fn key(&self) -> String {
        format!("{}-{}", self.project_key, self.number)
    }
}

/// The task, if `caller` may see it: one in use, or one in the trash.
pub async fn find(conn: &mut PgConnection, caller: &Caller, task: &TaskRef, in_trash: bool) -> Result<Task> {
    let (id, project_key, number) = task.parts();
    let task = sqlx::query_as!(
        Task,
        r#"SELECT t.id, p.key || '-' || t.number AS "key!", t.project_id, t.title, t.description, t.status AS "status: Status",
                  t.priority AS "priority: Priority", t.due_at, t.assignee_id, t.parent_id, t.labels,
                  t.recurrence AS "recurrence: Json<Recurrence>",
                  EXISTS (SELECT 1 FROM watchers w WHERE w.task_id = t.id AND w.user_id = $5) AS "watching!",
                  t.created_by, t.completed_at, t.deleted_at, t.version, t.created_at, t.updated_at
           FROM tasks t JOIN projects p ON p.id = t.project_id
           WHERE t.id = COALESCE($1, (SELECT k.id FROM projects kp JOIN tasks k ON k.project_id = kp.id
                                      WHERE kp.key = $2 AND k.number = $3))
             AND (t.deleted_at IS NOT NULL) = $6
             AND ($4 OR EXISTS (SELECT 1 FROM memberships m WHERE m.project_id = t.project_id AND m.user_id = $5))"#,
        id,
        project_key,
        number,
        caller.sees_everything(),
        caller.id,
        in_trash,
    )
    .fetch_one(conn)
    .await?;
    Ok(task)
}

/// The task with this id, in use or in the trash, whoever may see it: for those who then ask who may.
pub async fn find_any(conn: &mut PgConnection, id: Uuid) -> Result<Option<Task>> {
    let task = sqlx::query_as!(
        Task,
        r#"SELECT t.id, p.key || '-' || t.number AS "key!", t.project_id, t.title, t.description, t.status AS "status: Status",
                  t.priority AS "priority: Priority", t.due_at, t.assignee_id, t.parent_id, t.labels,
                  t.recurrence AS "recurrence: Json<Recurrence>", false AS "watching!",
                  t.created_by, t.completed_at, t.deleted_at, t.version, t.created_at, t.updated_at
           FROM tasks t JOIN projects p ON p.id = t.project_id WHERE t.id = $1"#,
        id,
    )
    .fetch_optional(conn)
    .await?;
    Ok(task)
}

/// Like [`find`], and locks the task until the transaction ends.
pub async fn lock(conn: &mut PgConnection, caller: &Caller, task: &TaskRef, in_trash: bool) -> Result<Task> {
    let (id, project_key, number) = task.parts();
    let id = sqlx::query_scalar!(
        "SELECT id FROM tasks
         WHERE id = COALESCE($1, (SELECT k.id FROM projects kp JOIN tasks k ON k.project_id = kp.id
                                  WHERE kp.key = $2 AND k.number = $3))
         FOR NO KEY UPDATE",
        id,
        project_key,
        number,
    )
    .fetch_one(&mut *conn)
    .await?;
    find(conn, caller, &TaskRef::Id(id), in_trash).await
}

/// Creates a task in the project of this id, or else in the bearer's Inbox: gives it the project's next number, plans its reminders,
/// and records who made it, and that its description mentions these people. Fills in its project, key and times. One statement does
/// it all, a transaction by itself.
///
/// Fails unless the bearer's session goes on, they belong to the project, and its parent and assignee do too; that a parent is in use,
/// [`check_parent`] says. The project's row stays locked until the transaction ends: creations in one project come one after the other.
pub async fn create(
    conn: &mut PgConnection,
    bearer: Bearer,
    task: &mut Task,
    project_id: Option<Uuid>,
    mentioned: Vec<Uuid>,
) -> Result<Outgoing> {
    let event_id = Uuid::now_v7();
    let event = Event::Task(TaskEvent {
        kind: ActivityKind::Created,
        activity_id: event_id,
        task_id: task.id,
        actor_id: bearer.user_id,
        assignee_id: task.assignee_id,
        comment_id: None,
        mentioned,
    });
    let created = sqlx::query!(
        r#"WITH caller AS (
               SELECT u.role FROM sessions s JOIN users u ON u.id = s.user_id
               WHERE s.id = $2 AND u.id = $3 AND u.active AND s.revoked_at IS NULL),
           place AS (
               UPDATE projects p SET task_counter = task_counter + 1 FROM caller
               WHERE id = COALESCE($1, (SELECT inbox.id FROM projects inbox WHERE inbox.owner_id = $3 AND inbox.personal))
                 AND deleted_at IS NULL
                 AND (caller.role = 'admin'
                      OR EXISTS (SELECT 1 FROM memberships m WHERE m.project_id = p.id AND m.user_id = $3))
               RETURNING id, key, task_counter),
           task AS (
               INSERT INTO tasks (id, project_id, number, title, description, status, priority, due_at, assignee_id, parent_id,
                                  labels, recurrence, created_by, completed_at, started_at)
               SELECT $4, id, task_counter, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15,
                      CASE WHEN $7 = 'in_progress'::task_status THEN now() END FROM place
               RETURNING id, status, due_at, COALESCE(assignee_id, created_by) AS user_id, created_at, updated_at, labels),
           reminder AS (
               INSERT INTO reminders (task_id, user_id, due_at, fire_at)
               SELECT id, user_id, due_at, first_reminder(due_at, COALESCE(p.reminder_offsets, $16), now())
               FROM task LEFT JOIN notification_preferences p USING (user_id)
               WHERE due_at IS NOT NULL AND status IN ('todo', 'in_progress')),
           entry AS (
               INSERT INTO activity (id, task_id, actor_id, kind, changes) SELECT $17, id, $3, $18, '[]' FROM task),
           message AS (
               INSERT INTO outbox (id, queue, payload) SELECT $17, 'events', $19 FROM task)
           SELECT place.id AS project_id, key || '-' || task_counter AS "key!", created_at, updated_at, labels FROM place, task"#,
        project_id,
        bearer.session_id,
        bearer.user_id,
        task.id,
        task.title,
        task.description,
        task.status as Status,
        task.priority as Priority,
        task.due_at,
        task.assignee_id,
        task.parent_id,
        &task.labels,
        task.recurrence as _,
        task.created_by,
        task.completed_at,
        &Preferences::default().reminder_offsets,
        event_id,
        ActivityKind::Created.as_str(),
        json!(event),
    )
    .fetch_optional(&mut *conn)
    .await?;
    let Some(created) = created else {
        sessions::authenticate(conn, bearer).await?;
        return Err(no_such_project());
    };
    (task.project_id, task.key) = (created.project_id, created.key);
    (task.created_at, task.updated_at, task.labels) = (created.created_at, created.updated_at, created.labels);
    Ok(Outgoing::events(&[event_id]))
}

/// Writes a task that was changed, counts its version on, and records what changed. One that moved gets a number of its new
/// project, which `caller` must belong to.
pub async fn save(conn: &mut PgConnection, caller: &Caller, task: &mut Task, changes: &[Change]) -> Result<Outgoing> {
    let kind = ActivityKind::of(changes);
    let number = match kind {
        ActivityKind::Moved => Some(move_number(conn, caller, task).await?),
        _ => None,
    };
    let saved = sqlx::query!(
        "UPDATE tasks SET project_id = $2, number = COALESCE($3, number), title = $4, description = $5, status = $6, priority = $7,
                due_at = $8, assignee_id = $9, parent_id = $10, labels = $11, recurrence = $12, completed_at = $13,
                started_at = CASE WHEN $6 = 'in_progress'::task_status THEN COALESCE(started_at, now()) ELSE started_at END,
                version = version + 1, updated_at = now()
         WHERE id = $1 RETURNING version, updated_at, labels",
        task.id,
        task.project_id,
        number.as_ref().map(|number| number.number),
        task.title,
        task.description,
        task.status as Status,
        task.priority as Priority,
        task.due_at,
        task.assignee_id,
        task.parent_id,
        &task.labels,
        task.recurrence as _,
        task.completed_at,
    )
    .fetch_one(&mut *conn)
    .await?;
    (task.version, task.updated_at, task.labels) = (saved.version, saved.updated_at, saved.labels);
    if let Some(number) = number {
        task.key = number.key();
    }
    if reminders::are_moved_by(changes) {
        reminders::plan(conn, &[task.id]).await?;
    }
    let extra = json!({ "mentioned": newly_mentioned_by(changes) });
    task_history::record_with(conn, caller.id, kind, vec![task.id], changes, extra).await
}

async fn move_number(conn: &mut PgConnection, caller: &Caller, task: &Task) -> Result<Number> {
    let has_parts =
        sqlx::query_scalar!(r#"SELECT EXISTS (SELECT 1 FROM tasks WHERE parent_id = $1) AS "is!""#, task.id)
            .fetch_one(&mut *conn)
            .await?;
    if has_parts {
        return Err(Error::conflict(
            Code::TaskHasSubtasks,
            "A task with subtasks cannot move to another project: move or detach them first.",
        ));
    }
    projects::next_number(conn, caller, task.project_id).await?.ok_or_else(no_such_project)
}

/// What a request is told that names a project which the caller does not belong to.
pub(super) fn no_such_project() -> Error {
    Error::invalid_as(Code::ProjectNotJoined, "/project_id", "must be a project that you belong to")
}

/// Checks that `parent_id` may be the parent of the task: in use, in the same project, and not the task itself or a part of it.
///
/// The project stays locked until the transaction ends, so that two tasks cannot become one another's parents at once.
pub async fn check_parent(conn: &mut PgConnection, task: &Task, parent_id: Uuid) -> Result<()> {
    sqlx::query!("SELECT id FROM projects WHERE id = $1 FOR NO KEY UPDATE", task.project_id)
        .fetch_one(&mut *conn)
        .await?;
    let parent = sqlx::query!(
        r#"WITH RECURSIVE line AS (
               SELECT id, parent_id FROM tasks WHERE id = $1 AND project_id = $2 AND deleted_at IS NULL
               UNION SELECT t.id, t.parent_id FROM tasks t JOIN line l ON t.id = l.parent_id)
           SELECT count(*) > 0 AS "exists!", COALESCE(bool_or(id = $3), false) AS "is_part!" FROM line"#,
        parent_id,
        task.project_id,
        task.id,
    )
    .fetch_one(conn)
    .await?;
    if !parent.exists {
        return Err(Error::invalid_as(Code::ParentNotInProject, "/parent_id", "must be a task of the same project"));
    }
    if parent.is_part {
        return Err(Error::invalid_as(
            Code::ParentIsSubtask,
            "/parent_id",
            "must not be the task itself or one of its subtasks",
        ));
    }
    Ok(())
}

/// Puts a task into the trash, with its subtasks, each of which the caller must be allowed to delete.
pub async fn delete(conn: &mut PgConnection, caller: &Caller, task: &Task) -> Result<Outgoing> {
    let parts = sqlx::query!(
        "WITH RECURSIVE part AS (
             SELECT $1::uuid AS id
             UNION SELECT t.id FROM tasks t JOIN part ON t.parent_id = part.id WHERE t.deleted_at IS NULL)
         SELECT id, created_by FROM tasks WHERE id IN (SELECT part.id FROM part) ORDER BY id FOR NO KEY UPDATE",
        task.id,
    )
    .fetch_all(&mut *conn)
    .await?;
    for part in &parts {
        caller.may_delete(part.created_by)?;
    }
    let ids: Vec<Uuid> = parts.into_iter().map(|part| part.id).collect();
    sqlx::query!(
        "UPDATE tasks SET deleted_at = now(), version = version + 1, updated_at = now() WHERE id = ANY($1)",
        &ids
    )
    .execute(&mut *conn)
    .await?;
    reminders::plan(conn, &ids).await?;
    task_history::record(conn, caller.id, ActivityKind::Deleted, ids, &[]).await
}

/// What is told of something that has been in the trash for thirty days: `clean-up` may be about to delete parts of it.
pub(super) fn too_late() -> Error {
    Error::conflict(Code::TrashExpired, "It has been in the trash for thirty days, and is about to be deleted.")
}

/// Takes a task out of the trash, with the subtasks that were put there with it.
pub async fn restore(conn: &mut PgConnection, caller: &Caller, task: &Task) -> Result<Outgoing> {
    let above = sqlx::query!(
        r#"SELECT p.deleted_at IS NOT NULL AS "project!", parent.deleted_at IS NOT NULL AS "parent!",
                  t.deleted_at < now() - interval '30 days' AS "too_late!"
           FROM tasks t JOIN projects p ON p.id = t.project_id LEFT JOIN tasks parent ON parent.id = t.parent_id
           WHERE t.id = $1"#,
        task.id,
    )
    .fetch_one(&mut *conn)
    .await?;
    if above.project {
        return Err(Error::conflict(Code::ProjectInTrash, "Its project is in the trash: restore that first."));
    }
    if above.parent {
        return Err(Error::conflict(
            Code::ParentInTrash,
            "The task that it is a part of is in the trash: restore that first.",
        ));
    }
    if above.too_late {
        return Err(too_late());
    }
    let ids = sqlx::query_scalar!(
        "WITH RECURSIVE part AS (
             SELECT id, deleted_at FROM tasks WHERE id = $1
             UNION SELECT t.id, t.deleted_at FROM tasks t JOIN part ON t.parent_id = part.id WHERE t.deleted_at = part.deleted_at)
         UPDATE tasks SET deleted_at = NULL, version = version + 1, updated_at = now()
         WHERE id IN (SELECT part.id FROM part) RETURNING id",
        task.id,
    )
    .fetch_all(&mut *conn)
    .await?;
    reminders::plan(conn, &ids).await?;
    task_history::record(conn, caller.id, ActivityKind::Restored, ids, &[]).await
}

//! Trees of tasks: changes of several tasks in one transaction. All of them hold the project alone (see
//! [`super::locks`]).

use serde_json::Value;
use sqlx::PgConnection;
use uuid::Uuid;

use super::{
    Tx, locks, members, outbox, project_changes, project_watchers, projects, reminders, task_history, trash, watchers,
};
use crate::{
    Code, Error, Result,
    domain::{
        Caller,
        access::{Delete, Edit, Permitted, Restore},
        activity::{ActivityKind, Change},
        event::Event,
        feed::FeedRef,
        rank,
        reason::Reason,
        task::{MAX_LEVELS, MAX_TREE, Task},
    },
};

/// The most subtasks that an error names.
const NAMED: usize = 10;

/// The reasons why a task cannot be the subtask of another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum InvalidParent {
    /// There is no such task in use in the project.
    NoParent,
    /// The task would be a subtask of itself.
    Circle,
    /// The tree would have too many levels.
    TooDeep,
    /// The tree would have too many tasks.
    TooLarge,
}

impl From<InvalidParent> for Error {
    fn from(invalid: InvalidParent) -> Self {
        let (code, detail) = match invalid {
            InvalidParent::NoParent => (Code::ParentNotInProject, "must be a task of the same project".to_owned()),
            InvalidParent::Circle => {
                (Code::ParentIsSubtask, "must not be the task itself or one of its subtasks".to_owned())
            }
            InvalidParent::TooDeep => {
                (Code::TreeTooDeep, format!("must be nearer to the top: a tree has at most {MAX_LEVELS} levels"))
            }
            InvalidParent::TooLarge => (
                Code::TreeTooLarge,
                format!("must be in a smaller tree: a tree has at most {MAX_TREE} tasks, including those in the trash"),
            ),
        };
        Error::invalid_as(code, "/parent_id", detail)
    }
}

/// Checks that `parent_id` may be the parent of a task: it is in use, in the same project, not a subtask of the task,
/// and its tree does not exceed the limits. Tasks in the trash count, since they may be restored. A tree that is
/// larger or deeper already may change, but not grow.
pub async fn check_parent(conn: &mut PgConnection, task: &Task, parent_id: Uuid) -> Result<()> {
    Ok(find_invalid_parent(conn, task, parent_id, false).await?.map_or(Ok(()), Err)?)
}

/// Like [`check_parent`], for a task that was just created under its parent.
pub async fn check_new_part(conn: &mut PgConnection, task: &Task, parent_id: Uuid) -> Result<()> {
    Ok(find_invalid_parent(conn, task, parent_id, true).await?.map_or(Ok(()), Err)?)
}

/// Returns why a task cannot be a subtask of another, or `None` if it can. With `is_new` it is one already.
pub(super) async fn find_invalid_parent(
    conn: &mut PgConnection,
    task: &Task,
    parent_id: Uuid,
    is_new: bool,
) -> Result<Option<InvalidParent>> {
    let found = sqlx::query!(
        r#"WITH RECURSIVE line AS (
               SELECT id, parent_id FROM tasks WHERE id = $1 AND project_id = $2 AND deleted_at IS NULL
               UNION SELECT t.id, t.parent_id FROM tasks t JOIN line ON t.id = line.parent_id),
           own AS (
               SELECT id, parent_id FROM tasks WHERE id = $3
               UNION SELECT t.id, t.parent_id FROM tasks t JOIN own ON t.id = own.parent_id),
           tree AS (
               SELECT id FROM line WHERE parent_id IS NULL
               UNION ALL SELECT t.id FROM tasks t JOIN tree ON t.parent_id = tree.id),
           part AS (
               SELECT $3::uuid AS id, 1::bigint AS level
               UNION ALL SELECT t.id, level + 1 FROM tasks t JOIN part ON t.parent_id = part.id)
           SELECT (SELECT count(*) FROM line) AS "level!", EXISTS (SELECT 1 FROM line WHERE id = $3) AS "is_part!",
                  (SELECT count(*) FROM own) AS "own_level!",
                  COALESCE((SELECT id FROM line WHERE parent_id IS NULL) = (SELECT id FROM own WHERE parent_id IS NULL), false) AS "is_within!",
                  (SELECT count(*) FROM (SELECT 1 FROM tree LIMIT $4) t) AS "tree!",
                  count(*) AS "parts!", max(part.level) AS "height!"
           FROM (SELECT level FROM part LIMIT $4) part"#,
        parent_id,
        task.project_id,
        task.id,
        MAX_TREE + 1,
    )
    .fetch_one(conn)
    .await?;
    let deepest = found.level + found.height;
    let size = match (is_new, found.is_within) {
        (true, _) => found.tree,
        (false, true) => 0,
        (false, false) => found.tree + found.parts,
    };
    Ok(match () {
        () if found.level == 0 => Some(InvalidParent::NoParent),
        () if found.is_part => Some(InvalidParent::Circle),
        () if deepest > MAX_LEVELS && (is_new || !found.is_within || deepest >= found.own_level + found.height) => {
            Some(InvalidParent::TooDeep)
        }
        () if size > MAX_TREE => Some(InvalidParent::TooLarge),
        () => None,
    })
}

/// Moves a task to the trash, with its subtasks, each of which the caller must be allowed to delete.
pub async fn delete(tx: &mut Tx, task: &Permitted<Task, Delete>) -> Result<()> {
    let tree = sqlx::query!(
        r#"WITH RECURSIVE part AS (
               SELECT $1::uuid AS id
               UNION SELECT t.id FROM tasks t JOIN part ON t.parent_id = part.id WHERE t.deleted_at IS NULL)
           SELECT id, created_by FROM tasks WHERE id IN (SELECT part.id FROM part) ORDER BY id"#,
        task.id,
    )
    .fetch_all(&mut **tx)
    .await?;
    for part in &tree {
        task.rights().check_delete(task.caller(), part.created_by)?;
    }
    let ids: Vec<Uuid> = tree.into_iter().map(|part| part.id).collect();
    sqlx::query!(
        "UPDATE tasks SET deleted_at = now(), version = version + 1, updated_at = now() WHERE id = ANY($1)",
        &ids
    )
    .execute(&mut **tx)
    .await?;
    reminders::plan(tx, &ids).await?;
    let event = task_history::event(ActivityKind::Deleted, task.id, task.caller().id);
    task_history::record_tree(tx, event, &ids, &[]).await
}

/// Restores a task from the trash, with the subtasks that were deleted with it.
pub async fn restore(tx: &mut Tx, task: &Permitted<Task, Restore>) -> Result<()> {
    let above = sqlx::query!(
        r#"SELECT p.deleted_at IS NOT NULL AS "project!", parent.deleted_at IS NOT NULL AS "parent!",
                  t.deleted_at < now() - interval '30 days' AS "too_late!"
           FROM tasks t JOIN projects p ON p.id = t.project_id LEFT JOIN tasks parent ON parent.id = t.parent_id
           WHERE t.id = $1"#,
        task.id,
    )
    .fetch_one(&mut **tx)
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
        return Err(trash::expired());
    }
    let ids = sqlx::query_scalar!(
        "WITH RECURSIVE part AS (
             SELECT id, deleted_at FROM tasks WHERE id = $1
             UNION SELECT t.id, t.deleted_at FROM tasks t JOIN part ON t.parent_id = part.id WHERE t.deleted_at = part.deleted_at)
         UPDATE tasks SET deleted_at = NULL, version = version + 1, updated_at = now()
         WHERE id IN (SELECT part.id FROM part) RETURNING id",
        task.id,
    )
    .fetch_all(&mut **tx)
    .await?;
    reminders::plan(tx, &ids).await?;
    let event = task_history::event(ActivityKind::Restored, task.id, task.caller().id);
    task_history::record_tree(tx, event, &ids, &[]).await
}

/// The tasks that moved to another project.
pub(super) struct MovedTasks {
    /// The task and all of its subtasks.
    pub(super) ids: Vec<Uuid>,
    /// Whether they were in a personal project.
    pub(super) out_of_inbox: bool,
    /// The change in the feed of the project that they left.
    pub(super) moved_out: FeedRef,
}

impl MovedTasks {
    /// Returns a change of the task that moved, as the members of its new project may see it: values from an Inbox
    /// stay private.
    pub(super) fn shown(&self, change: Change) -> Change {
        if self.out_of_inbox && !change.field.is_id() { Change { from: Value::Null, ..change } } else { change }
    }
}

/// Moves a task to the project that was set on it, with all of its subtasks, including those in the trash, or none of
/// them. Each gets a number of the new project, to which the caller must belong, and its former key stays valid.
/// Watchers who do not see the new project are removed.
///
/// Writes of the task itself its place and what depends on it; [`save`](super::tasks::save) writes the rest.
pub(super) async fn move_tree(tx: &mut Tx, task: &mut Permitted<Task, Edit>) -> Result<MovedTasks> {
    let (caller, rights) = (*task.caller(), task.rights());
    let tree = sqlx::query!(
        r#"WITH RECURSIVE part AS (
               SELECT $1::uuid AS id, 0 AS level
               UNION ALL SELECT t.id, level + 1 FROM tasks t JOIN part ON t.parent_id = part.id)
           SELECT t.id, p.key || '-' || t.number AS "key!", t.title, t.created_by, t.project_id, p.personal, p.owner_id, t.assignee_id,
                  t.assignee_id IS NULL OR t.assignee_id IN (SELECT user_id FROM assignable_members($2)) AS "fits!"
           FROM part JOIN tasks t ON t.id = part.id JOIN projects p ON p.id = t.project_id
           ORDER BY part.level, t.number"#,
        task.id,
        task.project_id,
    )
    .fetch_all(&mut **tx)
    .await?;
    for part in &tree {
        rights.check_take_away(&caller, part.created_by)?;
    }
    let ids: Vec<Uuid> = tree.iter().map(|part| part.id).collect();
    let numbers = projects::next_numbers(tx, task.project_id, ids.len()).await?;
    let strangers: Vec<&str> =
        tree.iter().skip(1).filter(|part| !part.fits).take(NAMED).map(|part| part.key.as_str()).collect();
    if !strangers.is_empty() {
        let keys = strangers.join(", ");
        return Err(Error::invalid_as(
            Code::AssigneeNotMember,
            "/project_id",
            format!(
                "must have the assignees of all subtasks as members who are no viewers, and not those of {keys}: \
                 assign these to others"
            ),
        ));
    }
    let root = tree.first().ok_or(Error::NotFound)?;
    if let Some(assignee_id) = task.assignee_id.filter(|id| !root.fits && root.assignee_id == Some(*id)) {
        members::check_assignee(tx, task.project_id, assignee_id).await?;
    }
    if root.personal {
        make_private(tx, &ids, root.owner_id).await?;
    }
    let people_without_access = people_without_access(tx, &caller, &ids, root.project_id, task.project_id).await?;
    sqlx::query!(
        "WITH former AS (
             INSERT INTO former_keys (project_key, number, task_id)
             SELECT p.key, t.number, t.id FROM tasks t JOIN projects p ON p.id = t.project_id WHERE t.id = ANY($1)
             ON CONFLICT (project_key, number) DO UPDATE SET task_id = excluded.task_id)
         UPDATE tasks t SET project_id = $3, number = n.number, rank = NULL, updated_at = now(),
                version = CASE WHEN t.id = $4 THEN t.version ELSE t.version + 1 END,
                parent_id = CASE WHEN t.id = $4 THEN $5 ELSE t.parent_id END,
                assignee_id = CASE WHEN t.id = $4 THEN $6 ELSE t.assignee_id END
         FROM unnest($1::uuid[], $2::integer[]) AS n (id, number) WHERE t.id = n.id",
        &ids,
        &numbers.numbers,
        task.project_id,
        task.id,
        task.parent_id,
        task.assignee_id,
    )
    .execute(&mut **tx)
    .await?;
    locks::share_admins(tx, &ids).await?;
    sqlx::query!(
        "DELETE FROM watchers w WHERE w.task_id = ANY($1)
            AND NOT EXISTS (SELECT 1 FROM users u WHERE u.id = w.user_id AND u.role = 'admin')
            AND NOT EXISTS (SELECT 1 FROM memberships m WHERE m.project_id = $2 AND m.user_id = w.user_id)",
        &ids,
        task.project_id,
    )
    .execute(&mut **tx)
    .await?;
    (task.key, task.rank) = (numbers.key(), rank::of_number(numbers.first()));
    if !people_without_access.is_empty() {
        let (user_ids, reasons) = people_without_access.into_iter().unzip();
        let left = Event::TasksLeft {
            project_id: root.project_id,
            actor_id: caller.id,
            key: root.key.clone(),
            title: root.title.clone(),
            parts: ids.len() - 1,
            user_ids,
            reasons,
        };
        outbox::add_event(tx, &left).await?;
    }
    let moved_out = project_changes::add_moved_out(tx, root.project_id, caller.id, &ids).await?;
    Ok(MovedTasks { ids, out_of_inbox: root.personal, moved_out })
}

/// Makes the activity of tasks since they came into an Inbox private to its owner.
async fn make_private(conn: &mut PgConnection, task_ids: &[Uuid], owner_id: Uuid) -> Result<()> {
    sqlx::query!(
        "WITH came AS (
             SELECT t.id AS task_id, (SELECT a.id FROM activity a WHERE a.task_id = t.id AND a.kind = 'moved' ORDER BY a.id DESC LIMIT 1) AS at
             FROM unnest($1::uuid[]) AS t (id)),
         said AS (
             UPDATE comments c SET private_to = $2 FROM came
             WHERE c.task_id = came.task_id AND (came.at IS NULL OR c.id > came.at))
         UPDATE activity a SET private_to = $2 FROM came
         WHERE a.task_id = came.task_id AND (came.at IS NULL OR a.id >= came.at)",
        task_ids,
        owner_id,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Returns the people involved in a tree of tasks, or who watch the project that it leaves, except `caller`, who may not
/// see the project to which it moves, and why they are notified. Who muted the task itself is left out.
async fn people_without_access(
    conn: &mut PgConnection,
    caller: &Caller,
    task_ids: &[Uuid],
    from: Uuid,
    to: Uuid,
) -> Result<Vec<(Uuid, Reason)>> {
    let mut people = watchers::people_of_tasks(conn, task_ids).await?;
    for id in project_watchers::ids(conn, from).await? {
        people.entry(id).or_insert(Reason::ProjectWatcher);
    }
    people.remove(&caller.id);
    let ids = sqlx::query_scalar!(
        "SELECT id FROM users u WHERE id = ANY($1) AND role <> 'admin'
            AND NOT EXISTS (SELECT 1 FROM memberships m WHERE m.project_id = $2 AND m.user_id = u.id)
            AND NOT EXISTS (SELECT 1 FROM task_mutes o WHERE o.task_id = $3 AND o.user_id = u.id)",
        &people.keys().copied().collect::<Vec<Uuid>>(),
        to,
        task_ids.first().copied(),
    )
    .fetch_all(conn)
    .await?;
    Ok(ids.into_iter().filter_map(|id| Some((id, *people.get(&id)?))).collect())
}

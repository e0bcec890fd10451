//! Projects.

use std::collections::HashMap;

use sqlx::PgConnection;
use uuid::Uuid;

use super::{
    Tx, locks, members,
    page::{Cursor, Page, PageRequest},
    project_changes, reminders, task_history, trash,
};
use crate::{
    Code, Error, Result,
    domain::{
        Caller,
        access::{Action, Manage, Own, Permitted, Rights},
        activity::ActivityKind,
        feed::FeedEvent,
        project::{Project, ProjectCounts, ProjectRole, Trash},
    },
};

/// The greatest number that [`counts`] returns.
const MAX_COUNT: i64 = 1_000;

/// The most unread notifications that [`counts`] looks at.
const MAX_UNREAD: i64 = 10_000;

/// Creates a project whose owner is its first member. Fails with a conflict if the key is taken, also by one in the
/// trash.
pub async fn create(
    conn: &mut PgConnection,
    owner: &Caller,
    key: &str,
    name: &str,
    description: &str,
) -> Result<Project> {
    let project = sqlx::query_as!(
        Project,
        r#"INSERT INTO projects (id, key, name, description, owner_id) VALUES ($1, $2, $3, $4, $5)
           RETURNING id, key, name, description, owner_id, personal, false AS "watching!", created_at, updated_at, version"#,
        Uuid::now_v7(),
        key,
        name,
        description,
        owner.id,
    )
    .fetch_one(&mut *conn)
    .await?;
    members::insert(conn, project.id, owner.id, ProjectRole::Manager).await?;
    Ok(project)
}

/// Returns the project with this id and in this state, if `caller` may see it.
pub async fn find(conn: &mut PgConnection, caller: &Caller, id: Uuid, trash: Trash) -> Result<Project> {
    Ok(look_up(conn, caller, id, trash).await?.0)
}

/// Returns the project with this id and in this state, if `caller` may see it, and what they may do in it.
pub(super) async fn look_up(
    conn: &mut PgConnection,
    caller: &Caller,
    id: Uuid,
    trash: Trash,
) -> Result<(Project, Rights)> {
    let found = sqlx::query!(
        r#"SELECT p.id, key, name, description, owner_id, personal, created_at, updated_at, version,
                  v.role AS "role?: ProjectRole",
                  EXISTS (SELECT 1 FROM project_watchers w WHERE w.project_id = p.id AND w.user_id = $3) AS "watching!"
           FROM projects p JOIN visible_projects($3, $2) v ON v.project_id = p.id
           WHERE p.id = $1 AND ($4::boolean IS NULL OR (deleted_at IS NOT NULL) = $4)"#,
        id,
        caller.sees_everything(),
        caller.id,
        trash.in_trash(),
    )
    .fetch_one(conn)
    .await?;
    let rights = Rights::new(caller, found.role, found.owner_id);
    let project = Project {
        id: found.id,
        key: found.key,
        name: found.name,
        description: found.description,
        owner_id: found.owner_id,
        personal: found.personal,
        watching: found.watching,
        created_at: found.created_at,
        updated_at: found.updated_at,
        version: found.version,
    };
    Ok((project, rights))
}

/// The names of a project and of a person who changed it.
pub struct Names {
    /// The project's name.
    pub project: String,
    /// Whether it is in the trash.
    pub in_trash: bool,
    /// The name of who did it.
    pub user: String,
}

/// Returns the names of a project and a user. Does not check access: the caller must.
pub async fn names(conn: &mut PgConnection, id: Uuid, user_id: Uuid) -> Result<Option<Names>> {
    let names = sqlx::query_as!(
        Names,
        r#"SELECT p.name AS project, p.deleted_at IS NOT NULL AS "in_trash!", u.name AS user
           FROM projects p CROSS JOIN users u WHERE p.id = $1 AND u.id = $2"#,
        id,
        user_id,
    )
    .fetch_optional(conn)
    .await?;
    Ok(names)
}

/// Returns the project with this id and in this state, for a caller who may do `A` to it, and holds it alone until the
/// transaction ends (see [`locks`]).
///
/// Fails with [`Error::NotFound`] if the caller does not see it, and with [`Error::Forbidden`] if they may not do `A`.
pub async fn lock<A: Action<Project>>(
    conn: &mut PgConnection,
    caller: &Caller,
    id: Uuid,
    trash: Trash,
    _: A,
) -> Result<Permitted<Project, A>> {
    locks::alone(conn, caller, &[id]).await?;
    let (project, rights) = look_up(conn, caller, id, trash).await?;
    Permitted::check(caller, rights, project)
}

/// Makes another member the owner, who becomes a manager of the project; the former owner stays a manager. [`save`]
/// writes the project.
///
/// Fails unless the new owner is an active member with the account of a manager or an administrator.
pub async fn hand_on(tx: &mut Tx, project: &mut Permitted<Project, Own>, owner_id: Uuid) -> Result<()> {
    check_owner(tx, project.id, owner_id).await?;
    sqlx::query!(
        "UPDATE memberships SET role = 'manager' WHERE project_id = $1 AND user_id = ANY($2) AND role <> 'manager'",
        project.id,
        &[owner_id, project.owner_id],
    )
    .execute(&mut **tx)
    .await?;
    project_changes::add(tx, project.id, project.caller().id, FeedEvent::MembersChanged, &[]).await?;
    members::announce(tx, project.caller(), project.id, owner_id, true).await?;
    project.owner_id = owner_id;
    Ok(())
}

async fn check_owner(conn: &mut PgConnection, project_id: Uuid, user_id: Uuid) -> Result<()> {
    let member = sqlx::query!(
        r#"SELECT u.active, u.role >= 'manager' AS "may_own!"
           FROM memberships m JOIN users u ON u.id = m.user_id WHERE m.project_id = $1 AND m.user_id = $2"#,
        project_id,
        user_id,
    )
    .fetch_optional(conn)
    .await?;
    match member {
        None => Err(Error::invalid_as(
            Code::OwnerNotEligible,
            "/owner_id",
            "must be a member of the project: add them first",
        )),
        Some(member) if !member.active => {
            Err(Error::invalid_as(Code::OwnerNotEligible, "/owner_id", "must have an active account"))
        }
        Some(member) if !member.may_own => Err(Error::invalid_as(
            Code::OwnerNotEligible,
            "/owner_id",
            "must have the account of a manager or an administrator",
        )),
        Some(_) => Ok(()),
    }
}

/// Returns a page of the projects that `caller` may see, newest first.
pub async fn list(
    conn: &mut PgConnection,
    caller: &Caller,
    in_trash: bool,
    page: &PageRequest,
) -> Result<Page<Project>> {
    let projects = sqlx::query_as!(
        Project,
        r#"SELECT id, key, name, description, owner_id, personal, created_at, updated_at, version,
                EXISTS (SELECT 1 FROM project_watchers w WHERE w.project_id = p.id AND w.user_id = $2) AS "watching!"
         FROM projects p
         WHERE (deleted_at IS NOT NULL) = $3 AND ($4::uuid IS NULL OR id < $4)
           AND ($1 OR id IN (SELECT m.project_id FROM memberships m WHERE m.user_id = $2))
         ORDER BY id DESC LIMIT $5"#,
        caller.sees_everything(),
        caller.id,
        in_trash,
        page.after::<Uuid>("projects")?,
        page.fetch(),
    )
    .fetch_all(conn)
    .await?;
    Ok(page.cut(projects, |project| Cursor::new("projects", project.id)))
}

/// Counts what is in these projects, for a person: of what they have not read, the newest ten thousand notifications.
/// Does not check access: the caller must.
pub async fn counts(conn: &mut PgConnection, user_id: Uuid, ids: &[Uuid]) -> Result<HashMap<Uuid, ProjectCounts>> {
    let counts = sqlx::query!(
        r#"WITH unread AS (
               SELECT COALESCE(t.project_id, n.project_id) AS project_id, count(*) AS count
               FROM (SELECT project_id, task_id FROM notifications
                     WHERE user_id = $2 AND read_at IS NULL AND snoozed_until IS NULL ORDER BY seq DESC LIMIT $4) n
               LEFT JOIN tasks t ON t.id = n.task_id GROUP BY 1)
           SELECT p.id AS "id!",
                  (SELECT count(*) FROM (
                      SELECT FROM tasks t WHERE t.project_id = p.id AND t.deleted_at IS NULL AND t.status IN ('todo', 'in_progress')
                      LIMIT $3) t) AS "open!",
                  (SELECT count(*) FROM (
                      SELECT FROM tasks t WHERE t.project_id = p.id AND t.deleted_at IS NULL AND t.status IN ('todo', 'in_progress')
                         AND t.due_at < now()
                      LIMIT $3) t) AS "overdue!",
                  LEAST($3, COALESCE(u.count, 0)) AS "unread!"
           FROM unnest($1::uuid[]) AS p (id) LEFT JOIN unread u ON u.project_id = p.id"#,
        ids,
        user_id,
        MAX_COUNT,
        MAX_UNREAD,
    )
    .map(|row| (row.id, ProjectCounts { open: row.open, overdue: row.overdue, unread: row.unread }))
    .fetch_all(conn)
    .await?;
    Ok(counts.into_iter().collect())
}

/// Saves the name, description and owner of a project that was changed, and increments its version.
pub async fn save(tx: &mut Tx, project: &mut Permitted<Project, Manage>) -> Result<()> {
    let saved = sqlx::query!(
        "UPDATE projects SET name = $2, description = $3, owner_id = $4, version = version + 1, updated_at = now()
         WHERE id = $1 RETURNING version, updated_at",
        project.id,
        project.name,
        project.description,
        project.owner_id,
    )
    .fetch_one(&mut **tx)
    .await?;
    (project.version, project.updated_at) = (saved.version, saved.updated_at);
    project_changes::add(tx, project.id, project.caller().id, FeedEvent::ProjectUpdated, &[]).await
}

/// Moves a project and its tasks to the trash, all with the same instant, so that they can be restored together.
pub async fn delete(tx: &mut Tx, project: &Permitted<Project, Own>) -> Result<()> {
    let (id, caller) = (project.id, project.caller());
    sqlx::query!("UPDATE projects SET deleted_at = now(), version = version + 1, updated_at = now() WHERE id = $1", id)
        .execute(&mut **tx)
        .await?;
    let tasks = sqlx::query_scalar!(
        "UPDATE tasks SET deleted_at = now(), version = version + 1, updated_at = now()
         WHERE project_id = $1 AND deleted_at IS NULL RETURNING id",
        id,
    )
    .fetch_all(&mut **tx)
    .await?;
    reminders::plan(tx, &tasks).await?;
    task_history::record_project(tx, caller.id, ActivityKind::Deleted, id, tasks, None).await?;
    project_changes::add(tx, id, caller.id, FeedEvent::Deleted, &[]).await
}

/// Restores a project from the trash, with the tasks that were deleted with it.
pub async fn restore(tx: &mut Tx, project: &Permitted<Project, Own>) -> Result<()> {
    let (id, caller) = (project.id, project.caller());
    let tasks = sqlx::query_scalar!(
        "UPDATE tasks t SET deleted_at = NULL, version = t.version + 1, updated_at = now() FROM projects p
         WHERE p.id = $1 AND t.project_id = p.id AND t.deleted_at = p.deleted_at RETURNING t.id",
        id,
    )
    .fetch_all(&mut **tx)
    .await?;
    let restored = sqlx::query!(
        "UPDATE projects SET deleted_at = NULL, version = version + 1, updated_at = now()
         WHERE id = $1 AND deleted_at >= now() - interval '30 days'",
        id,
    )
    .execute(&mut **tx)
    .await?;
    if restored.rows_affected() == 0 {
        return Err(trash::expired());
    }
    reminders::plan(tx, &tasks).await?;
    task_history::record_project(tx, caller.id, ActivityKind::Restored, id, tasks, None).await?;
    project_changes::add(tx, id, caller.id, FeedEvent::Restored, &[]).await
}

/// Task numbers that a project has assigned.
pub(super) struct Numbers {
    /// The first part of the tasks' keys.
    project_key: String,
    /// The second parts, in order.
    pub(super) numbers: Vec<i32>,
}

impl Numbers {
    /// Returns the first.
    pub(super) fn first(&self) -> i32 {
        self.numbers.first().copied().unwrap_or_default()
    }

    /// Returns the key of the first.
    pub(super) fn key(&self) -> String {
        format!("{}-{}", self.project_key, self.first())
    }
}

/// Fails unless `caller` may create tasks in a project in use, which must be among those that they saw and
/// [`locked`](locks::alone).
pub(super) async fn check_destination(
    conn: &mut PgConnection,
    caller: &Caller,
    id: Uuid,
    locked: &[Uuid],
) -> Result<()> {
    if !locked.contains(&id) {
        return Err(not_joined());
    }
    match look_up(conn, caller, id, Trash::Excluded).await {
        Ok((_, rights)) => rights.check_contribute(),
        Err(Error::NotFound) => Err(not_joined()),
        Err(error) => Err(error),
    }
}

/// Assigns the next numbers of a project to tasks that move there. [Check](check_destination) first that they may.
pub(super) async fn next_numbers(conn: &mut PgConnection, id: Uuid, count: usize) -> Result<Numbers> {
    let count = i32::try_from(count).map_err(Error::internal)?;
    let project = sqlx::query!(
        "UPDATE projects SET task_counter = task_counter + $2 WHERE id = $1 RETURNING key, task_counter",
        id,
        count,
    )
    .fetch_one(conn)
    .await?;
    Ok(Numbers {
        project_key: project.key,
        numbers: (project.task_counter - count + 1..=project.task_counter).collect(),
    })
}

/// Returns the error for a body that names a project to which the caller does not belong.
pub(super) fn not_joined() -> Error {
    Error::invalid_as(Code::ProjectNotJoined, "/project_id", "must be a project that you belong to")
}

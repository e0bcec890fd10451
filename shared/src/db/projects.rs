//! Projects.

use sqlx::PgConnection;
use uuid::Uuid;

use super::{
    outbox::Outgoing,
    page::{Cursor, Page, PageRequest},
    reminders, task_history, tasks,
};
use crate::{
    Result,
    domain::{Caller, project::Project, task::ActivityKind},
};

/// Creates a project whose owner is its first member. Fails with a conflict if the key is taken, also by one in the trash.
pub async fn create(
    conn: &mut PgConnection,
    owner: &Caller,
    key: &str,
    name: &str,
    description: &str,
) -> Result<Project> {
    let project = sqlx::query_as!(
        Project,
        "INSERT INTO projects (id, key, name, description, owner_id) VALUES ($1, $2, $3, $4, $5)
         RETURNING id, key, name, description, owner_id, personal, created_at, updated_at, version",
        Uuid::now_v7(),
        key,
        name,
        description,
        owner.id,
    )
    .fetch_one(&mut *conn)
    .await?;
    super::members::add(conn, project.id, owner.id).await?;
    Ok(project)
}

/// The project with this id, if `caller` may see it: one in use, or one in the trash.
pub async fn find(conn: &mut PgConnection, caller: &Caller, id: Uuid, in_trash: bool) -> Result<Project> {
    let project = sqlx::query_as!(
        Project,
        "SELECT id, key, name, description, owner_id, personal, created_at, updated_at, version
         FROM projects p
         WHERE id = $1 AND (deleted_at IS NOT NULL) = $4
           AND ($2 OR EXISTS (SELECT 1 FROM memberships m WHERE m.project_id = p.id AND m.user_id = $3))",
        id,
        caller.sees_everything(),
        caller.id,
        in_trash,
    )
    .fetch_one(conn)
    .await?;
    Ok(project)
}

/// The name of a project in use and that of a user, whoever may see them: for those who then ask who may.
pub async fn names(conn: &mut PgConnection, id: Uuid, user_id: Uuid) -> Result<Option<(String, String)>> {
    let names = sqlx::query!(
        "SELECT p.name AS project, u.name AS user FROM projects p CROSS JOIN users u
         WHERE p.id = $1 AND p.deleted_at IS NULL AND u.id = $2",
        id,
        user_id,
    )
    .map(|row| (row.project, row.user))
    .fetch_optional(conn)
    .await?;
    Ok(names)
}

/// Like [`find`], and locks the project until the transaction ends.
pub async fn lock(conn: &mut PgConnection, caller: &Caller, id: Uuid, in_trash: bool) -> Result<Project> {
    sqlx::query!("SELECT id FROM projects WHERE id = $1 FOR NO KEY UPDATE", id).fetch_one(&mut *conn).await?;
    find(conn, caller, id, in_trash).await
}

/// A page of the projects that `caller` may see, newest first.
pub async fn list(
    conn: &mut PgConnection,
    caller: &Caller,
    in_trash: bool,
    page: &PageRequest,
) -> Result<Page<Project>> {
    let projects = sqlx::query_as!(
        Project,
        "SELECT id, key, name, description, owner_id, personal, created_at, updated_at, version
         FROM projects p
         WHERE (deleted_at IS NOT NULL) = $3 AND ($4::uuid IS NULL OR id < $4)
           AND ($1 OR id IN (SELECT m.project_id FROM memberships m WHERE m.user_id = $2))
         ORDER BY id DESC LIMIT $5",
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

/// Writes the name and description of a project that was changed, and counts the version on.
pub async fn save(conn: &mut PgConnection, project: &mut Project) -> Result<()> {
    let saved = sqlx::query!(
        "UPDATE projects SET name = $2, description = $3, version = version + 1, updated_at = now()
         WHERE id = $1 RETURNING version, updated_at",
        project.id,
        project.name,
        project.description,
    )
    .fetch_one(conn)
    .await?;
    (project.version, project.updated_at) = (saved.version, saved.updated_at);
    Ok(())
}

/// Puts a project and the tasks in it into the trash, all with the same instant, so that they can come back together.
pub async fn delete(conn: &mut PgConnection, caller: &Caller, id: Uuid) -> Result<Outgoing> {
    sqlx::query!("UPDATE projects SET deleted_at = now(), version = version + 1, updated_at = now() WHERE id = $1", id)
        .execute(&mut *conn)
        .await?;
    let tasks = sqlx::query_scalar!(
        "UPDATE tasks SET deleted_at = now(), version = version + 1, updated_at = now()
         WHERE project_id = $1 AND deleted_at IS NULL RETURNING id",
        id,
    )
    .fetch_all(&mut *conn)
    .await?;
    reminders::plan(conn, &tasks).await?;
    task_history::record(conn, caller.id, ActivityKind::Deleted, tasks, &[]).await
}

/// Takes a project out of the trash, with the tasks that were put there with it.
pub async fn restore(conn: &mut PgConnection, caller: &Caller, id: Uuid) -> Result<Outgoing> {
    let tasks = sqlx::query_scalar!(
        "UPDATE tasks t SET deleted_at = NULL, version = t.version + 1, updated_at = now() FROM projects p
         WHERE p.id = $1 AND t.project_id = p.id AND t.deleted_at = p.deleted_at RETURNING t.id",
        id,
    )
    .fetch_all(&mut *conn)
    .await?;
    let restored = sqlx::query!(
        "UPDATE projects SET deleted_at = NULL, version = version + 1, updated_at = now()
         WHERE id = $1 AND deleted_at >= now() - interval '30 days'",
        id,
    )
    .execute(&mut *conn)
    .await?;
    if restored.rows_affected() == 0 {
        return Err(tasks::too_late());
    }
    reminders::plan(conn, &tasks).await?;
    task_history::record(conn, caller.id, ActivityKind::Restored, tasks, &[]).await
}

/// Gives a task that moves to a project the next number there, and answers that with the project's key. Nothing if there is no such
/// project that `caller` belongs to. The project's row stays locked until the transaction ends.
pub(super) async fn next_number(conn: &mut PgConnection, caller: &Caller, id: Uuid) -> Result<Option<tasks::Number>> {
    let number = sqlx::query_as!(
        tasks::Number,
        "UPDATE projects p SET task_counter = task_counter + 1
         WHERE id = $1 AND deleted_at IS NULL
           AND ($2 OR EXISTS (SELECT 1 FROM memberships m WHERE m.project_id = p.id AND m.user_id = $3))
         RETURNING key AS project_key, task_counter AS number",
        id,
        caller.sees_everything(),
        caller.id,
    )
    .fetch_optional(conn)
    .await?;
    Ok(number)
}

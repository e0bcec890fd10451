//! Who watches a project.

use sqlx::PgConnection;
use uuid::Uuid;

use super::projects;
use crate::{
    Result,
    domain::{
        Caller,
        access::{Permitted, Watch},
        project::{Project, Trash},
    },
};

/// Returns the project in use, if `caller` may watch it. Its members stay as they are until the transaction ends.
pub async fn share(conn: &mut PgConnection, caller: &Caller, id: Uuid) -> Result<Permitted<Project, Watch>> {
    sqlx::query!(
        "SELECT p.id FROM projects p
         WHERE p.id = $1 AND EXISTS (SELECT 1 FROM visible_projects($3, $2) v WHERE v.project_id = p.id) FOR KEY SHARE",
        id,
        caller.sees_everything(),
        caller.id,
    )
    .fetch_one(&mut *conn)
    .await?;
    let (project, rights) = projects::look_up(conn, caller, id, Trash::Excluded).await?;
    Permitted::check(caller, rights, project)
}

/// Makes the caller a watcher of a project. Has no effect if they are one.
///
/// Fails with [`Error::NotFound`](crate::Error::NotFound) if the caller saw it only as an administrator, and is no
/// longer one.
pub async fn add(conn: &mut PgConnection, project: &Permitted<Project, Watch>) -> Result<()> {
    let (project_id, caller) = (project.id, project.caller());
    sqlx::query!(
        "INSERT INTO project_watchers (project_id, user_id) VALUES ($1, $2) ON CONFLICT DO NOTHING",
        project_id,
        caller.id,
    )
    .execute(&mut *conn)
    .await?;
    if caller.sees_everything() {
        // They cannot lose that role from here on.
        sqlx::query!(
            "SELECT u.id FROM users u WHERE u.id = $1 AND (u.role = 'admin' OR EXISTS (
                 SELECT 1 FROM memberships m WHERE m.project_id = $2 AND m.user_id = u.id)) FOR SHARE",
            caller.id,
            project_id,
        )
        .fetch_one(conn)
        .await?;
    }
    Ok(())
}

/// Removes the caller from the watchers of a project. Has no effect if they are not one.
pub async fn remove(conn: &mut PgConnection, project: &Permitted<Project, Watch>) -> Result<()> {
    sqlx::query!(
        "DELETE FROM project_watchers WHERE project_id = $1 AND user_id = $2",
        project.id,
        project.caller().id
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Returns the watchers of a project.
pub async fn ids(conn: &mut PgConnection, project_id: Uuid) -> Result<Vec<Uuid>> {
    Ok(sqlx::query_scalar!("SELECT user_id FROM project_watchers WHERE project_id = $1", project_id)
        .fetch_all(conn)
        .await?)
}

/// Returns the watchers of a project, except those who muted all of these tasks.
pub async fn concerned(conn: &mut PgConnection, project_id: Uuid, task_ids: &[Uuid]) -> Result<Vec<Uuid>> {
    Ok(sqlx::query_scalar!(
        "SELECT user_id FROM project_watchers w
         WHERE project_id = $1 AND EXISTS (SELECT 1 FROM unnest($2::uuid[]) AS t (id) WHERE NOT EXISTS (
             SELECT 1 FROM task_mutes o WHERE o.task_id = t.id AND o.user_id = w.user_id))",
        project_id,
        task_ids,
    )
    .fetch_all(conn)
    .await?)
}

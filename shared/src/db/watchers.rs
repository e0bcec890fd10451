//! The people who watch a task or are involved in it.

use std::collections::BTreeMap;

use sqlx::PgConnection;
use uuid::Uuid;

use super::{locks, reminders};
use crate::{
    Result,
    domain::{
        access::{Discuss, Permitted},
        reason::Reason,
        task::Task,
    },
};

/// Makes the caller a watcher of a task. Has no effect if they are one.
///
/// Fails with [`Error::NotFound`](crate::Error::NotFound) if the caller saw it only as an administrator, and is no
/// longer one.
pub async fn add(conn: &mut PgConnection, task: &Permitted<Task, Discuss>) -> Result<()> {
    let (task_id, caller) = (task.id, task.caller());
    sqlx::query!("INSERT INTO watchers (task_id, user_id) VALUES ($1, $2) ON CONFLICT DO NOTHING", task_id, caller.id)
        .execute(&mut *conn)
        .await?;
    reminders::plan(conn, &[task_id]).await?;
    if caller.sees_everything() {
        // Administrators cannot lose that role from here on.
        sqlx::query!(
            "SELECT u.id FROM users u WHERE id = $1 AND (role = 'admin' OR EXISTS (
                 SELECT 1 FROM tasks t JOIN memberships m USING (project_id) WHERE t.id = $2 AND m.user_id = u.id))",
            caller.id,
            task_id,
        )
        .fetch_one(conn)
        .await?;
    }
    Ok(())
}

/// Removes a person who is no longer an administrator from the watchers of projects and tasks that they no longer see,
/// and removes their reminders of these.
pub async fn remove_unseen(conn: &mut PgConnection, user_id: Uuid) -> Result<()> {
    // Only their own reminders: the tasks are not locked.
    sqlx::query!(
        "WITH unwatched AS (
             DELETE FROM watchers w USING tasks t WHERE w.user_id = $1 AND t.id = w.task_id
                AND NOT EXISTS (SELECT 1 FROM memberships m WHERE m.project_id = t.project_id AND m.user_id = $1)
             RETURNING t.id, COALESCE(t.assignee_id, t.created_by) AS reminded)
         DELETE FROM reminders r WHERE r.user_id = $1 AND r.task_id = ANY (ARRAY (
             SELECT h.task_id FROM reminders h JOIN unwatched u ON u.id = h.task_id
             WHERE h.user_id = $1 AND u.reminded <> $1 ORDER BY h.task_id FOR UPDATE OF h))",
        user_id,
    )
    .execute(&mut *conn)
    .await?;
    sqlx::query!(
        "DELETE FROM project_watchers w WHERE w.user_id = $1
            AND NOT EXISTS (SELECT 1 FROM memberships m WHERE m.project_id = w.project_id AND m.user_id = $1)",
        user_id,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Removes the caller from the watchers of a task. Has no effect if they are not one.
pub async fn remove(conn: &mut PgConnection, task: &Permitted<Task, Discuss>) -> Result<()> {
    sqlx::query!("DELETE FROM watchers WHERE task_id = $1 AND user_id = $2", task.id, task.caller().id)
        .execute(&mut *conn)
        .await?;
    reminders::plan(conn, &[task.id]).await
}

/// Adds the watchers of a task to another of its project. Administrators among them keep that role until the
/// transaction ends.
pub async fn copy(conn: &mut PgConnection, from: Uuid, to: Uuid) -> Result<()> {
    locks::share_admins(conn, &[from]).await?;
    sqlx::query!(
        "INSERT INTO watchers (task_id, user_id)
         SELECT $2, w.user_id FROM watchers w JOIN tasks t ON t.id = w.task_id
         WHERE w.task_id = $1 AND (EXISTS (SELECT 1 FROM users u WHERE u.id = w.user_id AND u.role = 'admin')
            OR EXISTS (SELECT 1 FROM memberships m WHERE m.project_id = t.project_id AND m.user_id = w.user_id))",
        from,
        to
    )
    .execute(&mut *conn)
    .await?;
    reminders::plan(conn, &[to]).await
}

/// Returns everyone who created one of these tasks, is its assignee, or watches it, and did not mute it, each with the
/// first reason that fits.
pub async fn people_of_tasks(conn: &mut PgConnection, ids: &[Uuid]) -> Result<BTreeMap<Uuid, Reason>> {
    let rows = sqlx::query!(
        r#"WITH person AS (
               SELECT id AS task_id, assignee_id AS user_id, 1 AS place FROM tasks WHERE id = ANY($1) AND assignee_id IS NOT NULL
               UNION ALL SELECT id, created_by, 2 FROM tasks WHERE id = ANY($1)
               UNION ALL SELECT task_id, user_id, 3 FROM watchers WHERE task_id = ANY($1))
           SELECT user_id AS "user_id!", min(place) AS "place!" FROM person p
           WHERE NOT EXISTS (SELECT 1 FROM task_mutes o WHERE o.task_id = p.task_id AND o.user_id = p.user_id)
           GROUP BY user_id"#,
        ids,
    )
    .fetch_all(conn)
    .await?;
    let reason = |place| match place {
        1 => Reason::Assignee,
        2 => Reason::Creator,
        _ => Reason::Watcher,
    };
    Ok(rows.into_iter().map(|row| (row.user_id, reason(row.place))).collect())
}

//! Who belongs to a project.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

use super::{
    Tx, outbox,
    page::{Cursor, Page, PageRequest},
    reminders, task_history,
};
use crate::{
    Result,
    domain::{Caller, account::Role, event::Event, project::Member, task::ActivityKind},
};

/// Makes someone a member; false if they were one already.
pub async fn add(conn: &mut PgConnection, project_id: Uuid, user_id: Uuid) -> Result<bool> {
    let added = sqlx::query!(
        "INSERT INTO memberships (project_id, user_id) VALUES ($1, $2) ON CONFLICT DO NOTHING",
        project_id,
        user_id,
    )
    .execute(conn)
    .await?;
    Ok(added.rows_affected() > 0)
}

/// Writes to the outbox that `actor` added someone, or made a member the owner.
pub async fn announce(tx: &mut Tx, actor: &Caller, project_id: Uuid, user_id: Uuid, as_owner: bool) -> Result<()> {
    let event = Event::AddedToProject { project_id, user_id, actor_id: actor.id, as_owner };
    outbox::add_event(tx, &event).await
}

/// Removes someone, whose tasks there lose their assignee. Not found if they were no member.
pub async fn remove(tx: &mut Tx, actor: &Caller, project_id: Uuid, user_id: Uuid) -> Result<()> {
    sqlx::query!("SELECT 1 AS one FROM memberships WHERE project_id = $1 AND user_id = $2", project_id, user_id,)
        .fetch_one(&mut **tx)
        .await?;
    let tasks = sqlx::query_scalar!(
        "UPDATE tasks SET assignee_id = NULL, version = version + 1, updated_at = now()
         WHERE project_id = $1 AND assignee_id = $2 RETURNING id",
        project_id,
        user_id,
    )
    .fetch_all(&mut **tx)
    .await?;
    let (kind, removed) = (ActivityKind::Assigned, Some(user_id));
    task_history::record_project(tx, actor.id, kind, project_id, tasks.clone(), removed).await?;
    sqlx::query!(
        "WITH unwatched AS (
             DELETE FROM watchers w USING tasks t WHERE t.id = w.task_id AND t.project_id = $1 AND w.user_id = $2),
         unreminded AS (
             DELETE FROM reminders r WHERE r.user_id = $2 AND r.task_id = ANY (ARRAY (
                 SELECT h.task_id FROM reminders h JOIN tasks t ON t.id = h.task_id
                 WHERE t.project_id = $1 AND h.user_id = $2 ORDER BY h.task_id FOR UPDATE OF h)))
         DELETE FROM memberships WHERE project_id = $1 AND user_id = $2",
        project_id,
        user_id,
    )
    .execute(&mut **tx)
    .await?;
    reminders::plan(tx, &tasks).await?;
    Ok(())
}

/// A page of a project's members, in the order in which they were added.
pub async fn list(conn: &mut PgConnection, project_id: Uuid, page: &PageRequest) -> Result<Page<Member>> {
    let (added_at, user_id) = page.after::<(DateTime<Utc>, Uuid)>("members")?.unzip();
    let members = sqlx::query_as!(
        Member,
        r#"SELECT u.id AS user_id, u.name, u.email, u.role AS "role: Role", u.active, m.added_at
           FROM memberships m JOIN users u ON u.id = m.user_id
           WHERE m.project_id = $1 AND ($2::timestamptz IS NULL OR (m.added_at, m.user_id) > ($2, $3))
           ORDER BY m.added_at, m.user_id LIMIT $4"#,
        project_id,
        added_at,
        user_id,
        page.fetch(),
    )
    .fetch_all(conn)
    .await?;
    Ok(page.cut(members, |member| Cursor::new("members", (member.added_at, member.user_id))))
}

//! Who belongs to a project.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

use super::{
    Tx, outbox,
    page::{Cursor, Page, PageRequest},
    project_changes, reminders, task_history,
};
use crate::{
    Code, Error, Result,
    domain::{
        Caller,
        access::{Manage, Permitted},
        account::Role,
        activity::ActivityKind,
        event::{Event, Unassigned},
        feed::FeedEvent,
        project::{Member, Project, ProjectRole},
    },
};

/// Adds a membership. Does nothing if there is one.
pub(super) async fn insert(conn: &mut PgConnection, project_id: Uuid, user_id: Uuid, role: ProjectRole) -> Result<()> {
    sqlx::query!(
        "INSERT INTO memberships (project_id, user_id, role) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
        project_id,
        user_id,
        role as ProjectRole,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Gives a person a role in a project. Without a `role`, a person who is not a member becomes one, and members keep
/// their role.
///
/// New members are notified. A person who becomes a viewer, unless they are an administrator, is unassigned from the
/// tasks of the project. Fails if there is no such account, if the account of a new member is not active, and for
/// another role of the owner.
pub async fn set(
    tx: &mut Tx,
    project: &Permitted<Project, Manage>,
    user_id: Uuid,
    role: Option<ProjectRole>,
) -> Result<()> {
    let present = find(tx, project.id, user_id).await?;
    if user_id == project.owner_id && role.is_some_and(|role| role != ProjectRole::Manager) {
        return Err(Error::conflict(
            Code::OwnerIsManager,
            "The owner of a project is a manager of it: hand it on first.",
        ));
    }
    let Some(present) = present else {
        let is_active = sqlx::query_scalar!("SELECT active FROM users WHERE id = $1", user_id);
        if !is_active.fetch_one(&mut **tx).await? {
            return Err(Error::conflict(Code::AccountInactive, "This account is not active."));
        }
        insert(tx, project.id, user_id, role.unwrap_or(ProjectRole::Member)).await?;
        announce(tx, project.caller(), project.id, user_id, false).await?;
        return changed(tx, project, &[]).await;
    };
    let Some(role) = role else { return Ok(()) };
    let is_changed = role != present.role;
    if is_changed {
        sqlx::query!(
            "UPDATE memberships SET role = $3 WHERE project_id = $1 AND user_id = $2",
            project.id,
            user_id,
            role as ProjectRole,
        )
        .execute(&mut **tx)
        .await?;
    }
    // A viewer may still have tasks: from when they were an administrator.
    let mut tasks = Vec::new();
    if role == ProjectRole::Viewer && present.account_role != Role::Admin {
        tasks = unassign(tx, project, user_id, Unassigned::Viewer(user_id)).await?;
        reminders::plan(tx, &tasks).await?;
    }
    if is_changed || !tasks.is_empty() { changed(tx, project, &tasks).await } else { Ok(()) }
}

/// Adds to the feed of a project that its members changed, and that these tasks lost their assignee by that.
async fn changed(tx: &mut Tx, project: &Permitted<Project, Manage>, unassigned: &[Uuid]) -> Result<()> {
    project_changes::add(tx, project.id, project.caller().id, FeedEvent::MembersChanged, unassigned).await
}

struct Present {
    role: ProjectRole,
    account_role: Role,
}

async fn find(conn: &mut PgConnection, project_id: Uuid, user_id: Uuid) -> Result<Option<Present>> {
    let present = sqlx::query_as!(
        Present,
        r#"SELECT m.role AS "role: ProjectRole", u.role AS "account_role: Role"
           FROM memberships m JOIN users u ON u.id = m.user_id WHERE m.project_id = $1 AND m.user_id = $2"#,
        project_id,
        user_id,
    )
    .fetch_optional(conn)
    .await?;
    Ok(present)
}

/// Adds an event to the outbox: `actor` added a person, or made a member the owner.
pub async fn announce(tx: &mut Tx, actor: &Caller, project_id: Uuid, user_id: Uuid, as_owner: bool) -> Result<()> {
    let event = Event::AddedToProject { project_id, user_id, actor_id: actor.id, as_owner };
    outbox::add_event(tx, &event).await
}

/// Unassigns a person from the tasks of a project, and returns these tasks. Their reminders must be planned again.
async fn unassign(
    tx: &mut Tx,
    project: &Permitted<Project, Manage>,
    user_id: Uuid,
    why: Unassigned,
) -> Result<Vec<Uuid>> {
    let tasks = sqlx::query_scalar!(
        "UPDATE tasks SET assignee_id = NULL, version = version + 1, updated_at = now()
         WHERE project_id = $1 AND assignee_id = $2 RETURNING id",
        project.id,
        user_id,
    )
    .fetch_all(&mut **tx)
    .await?;
    let actor_id = project.caller().id;
    task_history::record_project(tx, actor_id, ActivityKind::Assigned, project.id, tasks.clone(), Some(why)).await?;
    Ok(tasks)
}

/// Removes a person from a project. The tasks that are assigned to them there lose their assignee.
///
/// Fails with [`Error::NotFound`] if they are not a member, and with a conflict if they own the project.
pub async fn remove(tx: &mut Tx, project: &Permitted<Project, Manage>, user_id: Uuid) -> Result<()> {
    if user_id == project.owner_id {
        return Err(Error::conflict(
            Code::OwnerNotRemovable,
            "The owner of a project cannot be removed from it: hand it on first.",
        ));
    }
    find(tx, project.id, user_id).await?.ok_or(Error::NotFound)?;
    let tasks = unassign(tx, project, user_id, Unassigned::Removed(user_id)).await?;
    sqlx::query!(
        "WITH unwatched AS (
             DELETE FROM watchers w USING tasks t WHERE t.id = w.task_id AND t.project_id = $1 AND w.user_id = $2),
         unreminded AS (
             DELETE FROM reminders r WHERE r.user_id = $2 AND r.task_id = ANY (ARRAY (
                 SELECT h.task_id FROM reminders h JOIN tasks t ON t.id = h.task_id
                 WHERE t.project_id = $1 AND h.user_id = $2 ORDER BY h.task_id FOR UPDATE OF h)))
         DELETE FROM memberships WHERE project_id = $1 AND user_id = $2",
        project.id,
        user_id,
    )
    .execute(&mut **tx)
    .await?;
    // Always after the watchers of tasks, as in `watchers::remove_unseen`.
    sqlx::query!("DELETE FROM project_watchers WHERE project_id = $1 AND user_id = $2", project.id, user_id)
        .execute(&mut **tx)
        .await?;
    reminders::plan(tx, &tasks).await?;
    changed(tx, project, &tasks).await
}

/// Returns the error of a request that would assign a task to a person who is not a member of its project.
pub(super) fn not_a_member() -> Error {
    Error::invalid_as(Code::AssigneeNotMember, "/assignee_id", "must be a member of the task's project")
}

/// Fails unless a task of the project may be assigned to a person: a member who has an active account and is not a
/// viewer.
pub async fn check_assignee(conn: &mut PgConnection, project_id: Uuid, assignee_id: Uuid) -> Result<()> {
    let member = sqlx::query!(
        r#"SELECT u.active, EXISTS (SELECT 1 FROM assignable_members($1) a WHERE a.user_id = u.id) AS "is_assignable!"
           FROM memberships m JOIN users u ON u.id = m.user_id WHERE m.project_id = $1 AND m.user_id = $2"#,
        project_id,
        assignee_id,
    )
    .fetch_optional(conn)
    .await?;
    match member {
        None => Err(not_a_member()),
        Some(member) if !member.active => {
            Err(Error::invalid_as(Code::AssigneeNotActive, "/assignee_id", "must have an active account"))
        }
        Some(member) if !member.is_assignable => Err(Error::invalid_as(
            Code::AssigneeIsViewer,
            "/assignee_id",
            "must not be a viewer of the task's project: make them a member first",
        )),
        Some(_) => Ok(()),
    }
}

/// Returns a page of a project's members, in the order in which they were added.
pub async fn list(conn: &mut PgConnection, project_id: Uuid, page: &PageRequest) -> Result<Page<Member>> {
    let (added_at, user_id) = page.after::<(DateTime<Utc>, Uuid)>("members")?.unzip();
    let members = sqlx::query_as!(
        Member,
        r#"SELECT u.id AS user_id, u.name, u.email, u.role AS "account_role: Role", u.active, m.added_at,
                  CASE WHEN p.owner_id = u.id THEN 'manager' ELSE m.role END AS "role!: ProjectRole"
           FROM memberships m JOIN users u ON u.id = m.user_id JOIN projects p ON p.id = m.project_id
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

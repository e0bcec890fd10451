//! The locks that a change takes, and their order, so that no two changes wait for each other
//! (docs/adr/0025-one-order-of-locks.md).
//!
//! 1. Accounts: all administrators in the order of their ids, then the one that is changed. A change of an account
//!    locks no project or task after it, so that the accounts of watching administrators may be [shared](share_admins)
//!    after the tasks.
//! 2. Projects, in the order of their ids.
//! 3. Tasks, in the order of their ids, then what belongs to them. Reminders come last, in the order of tasks and
//!    people.
//!
//! A change of a tree, of the trash or of members holds its projects [`alone`]. Every other change of a task, its
//! comments or its watchers [shares](super::tasks::lock) the project: such changes do not wait for each other.
//! Creating a task increments the project's counter, which waits for other creations and for changes that hold the
//! project alone.
//!
//! Data that was read before the lock is read again under it. While a project is shared, its tree, its trash and its
//! members do not change.

use sqlx::PgConnection;
use uuid::Uuid;

use crate::{Error, Result, domain::Caller};

/// The maximum number of attempts of a change that loses against others.
const ATTEMPTS: usize = 3;

/// A task moved to another project while a change of it waited for the lock of its former project.
#[derive(Debug, thiserror::Error)]
#[error("the task moved to another project meanwhile")]
struct Moved;

/// Locks those of these projects that `caller` may see against every other change of their tasks and members, until
/// the transaction ends, and returns their ids.
pub(super) async fn alone(conn: &mut PgConnection, caller: &Caller, ids: &[Uuid]) -> Result<Vec<Uuid>> {
    let locked = sqlx::query_scalar!(
        "SELECT p.id FROM projects p
         WHERE id = ANY($1) AND EXISTS (SELECT 1 FROM visible_projects($3, $2) v WHERE v.project_id = p.id)
         ORDER BY id FOR UPDATE",
        ids,
        caller.sees_everything(),
        caller.id,
    )
    .fetch_all(conn)
    .await?;
    Ok(locked)
}

/// Prevents changes of the administrators' accounts until the transaction ends, if an administrator watches one of
/// these tasks or of their subtasks. Waits for changes of these accounts, which have removed the watchers by then.
///
/// Locks all accounts in one statement, in the order in which they are changed, so that a second call in the same
/// transaction does not wait. Call it before reminders are locked: a change of an account locks that person's
/// reminders after the account.
pub(super) async fn share_admins(conn: &mut PgConnection, task_ids: &[Uuid]) -> Result<()> {
    sqlx::query!(
        "WITH RECURSIVE part AS (
             SELECT unnest($1::uuid[]) AS id
             UNION SELECT t.id FROM tasks t JOIN part ON t.parent_id = part.id)
         SELECT id FROM users WHERE role = 'admin' AND EXISTS (
             SELECT 1 FROM part JOIN watchers w ON w.task_id = part.id JOIN users u ON u.id = w.user_id WHERE u.role = 'admin')
         ORDER BY active DESC, id FOR SHARE",
        task_ids,
    )
    .fetch_all(conn)
    .await?;
    Ok(())
}

/// Fails if a task is not in the project that is locked.
pub(super) fn check_place(locked: Uuid, project_id: Uuid) -> Result<()> {
    if locked == project_id { Ok(()) } else { Err(Error::Unavailable(Moved.into())) }
}

/// Runs a transaction, and runs it again if it lost against another: the database ended it to resolve a deadlock, or
/// its task moved to another project while it waited. It must begin and commit within `attempt`.
pub async fn retrying<T, F>(mut attempt: impl FnMut() -> F) -> Result<T>
where
    F: Future<Output = Result<T>>,
{
    for _ in 1..ATTEMPTS {
        match attempt().await {
            Err(error) if lost(&error) => {}
            outcome => return outcome,
        }
    }
    attempt().await
}

fn lost(error: &Error) -> bool {
    let Error::Unavailable(cause) = error else { return false };
    let code = cause.downcast_ref().and_then(sqlx::Error::as_database_error).and_then(sqlx::error::DatabaseError::code);
    cause.is::<Moved>() || code.is_some_and(|code| code.starts_with("40"))
}

//! Who may do what: the table of `docs/adr/0039-lookups-authorize.md`, as code.
//!
//! A function that changes something takes a [`Permitted`], which only a check returns. The lookups of [`crate::db`]
//! make that check for what they find, under the lock that keeps the result true.

use std::{
    marker::PhantomData,
    ops::{Deref, DerefMut},
};

use uuid::Uuid;

use super::{
    account::Role,
    comment::Comment,
    project::{Project, ProjectRole, Trash},
    task::Task,
};
use crate::{Code, Error, Result};

/// A person who is logged in. The role is as the database has it now.
#[derive(Debug, Clone, Copy)]
pub struct Caller {
    /// The user's id.
    pub id: Uuid,
    /// The session that the access token belongs to.
    pub session_id: Uuid,
    /// The role as it is now.
    pub role: Role,
}

/// The claims of a verified access token. The database says whether the session has ended, and whether the account is
/// active.
#[derive(Debug, Clone, Copy)]
pub struct TokenClaims {
    /// The user's id.
    pub user_id: Uuid,
    /// The session that the token belongs to.
    pub session_id: Uuid,
}

impl From<&Caller> for TokenClaims {
    fn from(caller: &Caller) -> Self {
        Self { user_id: caller.id, session_id: caller.session_id }
    }
}

impl Caller {
    /// Returns whether the caller sees every project: administrators do, all others see those that they belong to.
    pub fn sees_everything(&self) -> bool {
        self.role == Role::Admin
    }

    /// Returns whether the caller sees every account: administrators and managers do, users see those they share a
    /// project with.
    pub fn sees_everyone(&self) -> bool {
        self.role >= Role::Manager
    }
}

/// What a person may do in a project, from the least to the most. Each level includes those before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rights {
    /// See everything, comment and watch: a viewer.
    View,
    /// Create tasks, change those that they created or are assigned to, delete those that they created: a member.
    Contribute,
    /// Change and delete every task, delete every comment: a member whose account is a manager's.
    EditAll,
    /// Change the name and the description, every comment, the labels, the members and their roles, and get reports: a
    /// manager of the project.
    Manage,
    /// Hand on, delete and restore the project: its owner and administrators.
    Own,
}

impl Rights {
    /// Returns what a person may do in a project that they see, by their account and their role there.
    pub fn new(caller: &Caller, role: Option<ProjectRole>, owner_id: Uuid) -> Self {
        match (caller.role, role) {
            (Role::Admin, _) => Self::Own,
            _ if owner_id == caller.id => Self::Own,
            (_, Some(ProjectRole::Manager)) => Self::Manage,
            (Role::Manager, Some(ProjectRole::Member)) => Self::EditAll,
            (Role::User, Some(ProjectRole::Member)) => Self::Contribute,
            (_, Some(ProjectRole::Viewer) | None) => Self::View,
        }
    }

    /// Fails if the person is a viewer.
    pub fn check_contribute(self) -> Result<()> {
        if self >= Self::Contribute {
            return Ok(());
        }
        Err(Error::forbidden(
            Code::ProjectReadOnly,
            "You are a viewer of this project: to change something, ask one of its managers to make you a member.",
        ))
    }

    /// Fails unless the person manages the project.
    fn check_manage(self) -> Result<()> {
        allow(
            self >= Self::Manage,
            Code::ProjectManagerRequired,
            "Only a manager of the project or an administrator may do this.",
        )
    }

    /// Fails unless the person may delete and restore a task that `created_by` created.
    pub fn check_delete(self, caller: &Caller, created_by: Uuid) -> Result<()> {
        self.check_contribute()?;
        allow(
            self >= Self::EditAll || created_by == caller.id,
            Code::TaskNotDeletable,
            "Only its creator, a manager of the project or an administrator may delete or restore a task.",
        )
    }

    /// Fails unless the person may move a task that `created_by` created, alone or with its parent, to another project.
    pub fn check_take_away(self, caller: &Caller, created_by: Uuid) -> Result<()> {
        self.check_contribute()?;
        allow(
            self >= Self::EditAll || created_by == caller.id,
            Code::TaskNotDeletable,
            "Only its creator, a manager of the project or an administrator may move a task, and each of its subtasks, to another project.",
        )
    }
}

/// Something that a person may do to a `T`, and who may.
pub trait Action<T> {
    /// Whether the `T` may be in the trash.
    const TRASH: Trash = Trash::Excluded;

    /// Fails unless a person with these rights in its project may do this to a `T` that they see.
    fn check(caller: &Caller, rights: Rights, to: &T) -> Result<()>;
}

/// A `T` that a caller sees and may do `A` to. A function that does `A` takes this instead of a `T`, so that it cannot
/// be called without the check.
#[derive(Debug, Clone)]
pub struct Permitted<T, A> {
    subject: T,
    caller: Caller,
    rights: Rights,
    action: PhantomData<A>,
}

impl<T, A: Action<T>> Permitted<T, A> {
    /// Checks that `caller`, who has these rights in the project of `subject` and sees it, may do `A`.
    pub(crate) fn check(caller: &Caller, rights: Rights, subject: T) -> Result<Self> {
        A::check(caller, rights, &subject)?;
        Ok(Self { subject, caller: *caller, rights, action: PhantomData })
    }
}

impl<T, A> Permitted<T, A> {
    /// Who may do it.
    pub fn caller(&self) -> &Caller {
        &self.caller
    }

    /// What the caller may do in the project of the subject.
    pub fn rights(&self) -> Rights {
        self.rights
    }

    /// Returns only the subject, without the permission to do anything to it.
    pub fn into_inner(self) -> T {
        self.subject
    }
}

impl<T, A> Deref for Permitted<T, A> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.subject
    }
}

impl<T, A> DerefMut for Permitted<T, A> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.subject
    }
}

/// Commenting on a task, and watching it.
#[derive(Debug, Clone, Copy)]
pub struct Discuss;

impl Action<Task> for Discuss {
    fn check(_: &Caller, _: Rights, _: &Task) -> Result<()> {
        Ok(())
    }
}

/// Watching a project.
#[derive(Debug, Clone, Copy)]
pub struct Watch;

impl Action<Project> for Watch {
    fn check(caller: &Caller, _: Rights, project: &Project) -> Result<()> {
        if project.personal && project.owner_id != caller.id {
            return Err(Error::conflict(Code::PersonalProject, "Only its owner may watch a personal project."));
        }
        Ok(())
    }
}

/// Changing a task, also moving and assigning it, or the text of a comment.
#[derive(Debug, Clone, Copy)]
pub struct Edit;

impl Action<Task> for Edit {
    fn check(caller: &Caller, rights: Rights, task: &Task) -> Result<()> {
        rights.check_contribute()?;
        allow(
            rights >= Rights::EditAll || task.created_by == caller.id || task.assignee_id == Some(caller.id),
            Code::TaskNotEditable,
            "Only its creator, its assignee, a manager of the project or an administrator may change a task.",
        )
    }
}

impl Action<Comment> for Edit {
    fn check(caller: &Caller, rights: Rights, comment: &Comment) -> Result<()> {
        allow(
            rights >= Rights::Manage || comment.author_id == caller.id,
            Code::CommentNotEditable,
            "Only its author, a manager of the project or an administrator may change a comment.",
        )
    }
}

/// Putting a task in another place among the tasks of its project.
#[derive(Debug, Clone, Copy)]
pub struct Order;

impl Action<Task> for Order {
    fn check(_: &Caller, rights: Rights, _: &Task) -> Result<()> {
        rights.check_contribute()
    }
}

/// Deleting a task or a comment.
#[derive(Debug, Clone, Copy)]
pub struct Delete;

impl Action<Task> for Delete {
    fn check(caller: &Caller, rights: Rights, task: &Task) -> Result<()> {
        rights.check_delete(caller, task.created_by)
    }
}

impl Action<Comment> for Delete {
    fn check(caller: &Caller, rights: Rights, comment: &Comment) -> Result<()> {
        allow(
            rights >= Rights::EditAll || comment.author_id == caller.id,
            Code::CommentNotDeletable,
            "Only its author, a manager of the project or an administrator may delete a comment.",
        )
    }
}

/// Taking a task out of the trash.
#[derive(Debug, Clone, Copy)]
pub struct Restore;

impl Action<Task> for Restore {
    const TRASH: Trash = Trash::Only;

    fn check(caller: &Caller, rights: Rights, task: &Task) -> Result<()> {
        rights.check_delete(caller, task.created_by)
    }
}

/// Changing the name and the description of a project, and its members.
#[derive(Debug, Clone, Copy)]
pub struct Manage;

impl Action<Project> for Manage {
    fn check(_: &Caller, rights: Rights, project: &Project) -> Result<()> {
        check_shared(project)?;
        rights.check_manage()
    }
}

/// Renaming the labels of a project, also of an Inbox.
#[derive(Debug, Clone, Copy)]
pub struct ManageLabels;

impl Action<Project> for ManageLabels {
    fn check(_: &Caller, rights: Rights, _: &Project) -> Result<()> {
        rights.check_manage()
    }
}

/// Handing a project on, deleting and restoring it.
#[derive(Debug, Clone, Copy)]
pub struct Own;

impl Action<Project> for Own {
    fn check(_: &Caller, rights: Rights, project: &Project) -> Result<()> {
        check_shared(project)?;
        allow(
            rights >= Rights::Own,
            Code::ProjectOwnerRequired,
            "Only the owner of the project or an administrator may do this.",
        )
    }
}

impl From<Permitted<Project, Own>> for Permitted<Project, Manage> {
    fn from(owned: Permitted<Project, Own>) -> Self {
        Self { subject: owned.subject, caller: owned.caller, rights: owned.rights, action: PhantomData }
    }
}

/// Fails if a project is an Inbox.
fn check_shared(project: &Project) -> Result<()> {
    if project.personal {
        return Err(Error::conflict(Code::PersonalProject, "A personal project cannot be shared, changed or deleted."));
    }
    Ok(())
}

fn allow(allowed: bool, code: Code, otherwise: &'static str) -> Result<()> {
    if allowed { Ok(()) } else { Err(Error::forbidden(code, otherwise)) }
}

#[cfg(test)]
mod tests {
    use ProjectRole::{Manager, Member, Viewer};

    use super::*;

    #[test]
    fn the_greater_of_two_rights_counts_except_for_viewers() {
        let rights = |role, in_project| {
            let caller = Caller { id: Uuid::from_u128(1), session_id: Uuid::nil(), role };
            Rights::new(&caller, in_project, Uuid::from_u128(2))
        };
        let table = [
            (Role::User, [Rights::View, Rights::Contribute, Rights::Manage]),
            (Role::Manager, [Rights::View, Rights::EditAll, Rights::Manage]),
            (Role::Admin, [Rights::Own; 3]),
        ];
        for (account, expected) in table {
            assert_eq!([Viewer, Member, Manager].map(|role| rights(account, Some(role))), expected, "{account:?}");
        }
        assert_eq!(rights(Role::Admin, None), Rights::Own);
        let owner = Caller { id: Uuid::from_u128(2), session_id: Uuid::nil(), role: Role::User };
        assert_eq!(Rights::new(&owner, Some(Member), owner.id), Rights::Own, "whatever the column says");
    }
}

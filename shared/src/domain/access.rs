//! Who may do what. The table of `docs/adr/0002-domain-rules.md`, as code.

use uuid::Uuid;

use super::{account::Role, comment::Comment, project::Project, task::Task};
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

/// Whom an access token names. Whether their session goes on and their account is active, only the database can tell.
#[derive(Debug, Clone, Copy)]
pub struct Bearer {
    /// The user's id.
    pub user_id: Uuid,
    /// The session that the token belongs to.
    pub session_id: Uuid,
}

impl From<&Caller> for Bearer {
    fn from(caller: &Caller) -> Self {
        Self { user_id: caller.id, session_id: caller.session_id }
    }
}

impl Caller {
    /// Administrators see every project; all others those that they belong to.
    pub fn sees_everything(&self) -> bool {
        self.role == Role::Admin
    }

    /// Administrators and managers see every account; users those they share a project with.
    pub fn sees_everyone(&self) -> bool {
        self.role >= Role::Manager
    }

    /// Managing a project, its members and its deletion: administrators any, managers their own. A personal project is nobody's
    /// to manage.
    pub fn may_manage(&self, project: &Project) -> Result<()> {
        if project.personal {
            return Err(Error::conflict(
                Code::PersonalProject,
                "A personal project cannot be shared, changed or deleted.",
            ));
        }
        let allowed = match self.role {
            Role::Admin => true,
            Role::Manager => project.owner_id == self.id,
            Role::User => false,
        };
        allow(
            allowed,
            Code::ProjectOwnerRequired,
            "Only an administrator, or the manager who owns the project, may do this.",
        )
    }

    /// Handing a project on: administrators any, others their own, also if their account is no longer a manager's.
    pub fn may_hand_on(&self, project: &Project) -> Result<()> {
        if project.personal {
            return Err(Error::conflict(
                Code::PersonalProject,
                "A personal project cannot be shared, changed or deleted.",
            ));
        }
        let allowed = self.sees_everything() || project.owner_id == self.id;
        allow(allowed, Code::ProjectOwnerRequired, "Only the owner of the project or an administrator may hand it on.")
    }

    /// Editing and assigning a task that the caller sees, and moving it within its project.
    pub fn may_edit(&self, task: &Task) -> Result<()> {
        let allowed = self.role >= Role::Manager || task.created_by == self.id || task.assignee_id == Some(self.id);
        allow(
            allowed,
            Code::TaskNotEditable,
            "Only its creator, its assignee, a manager of the project or an administrator may change a task.",
        )
    }

    /// Deleting and restoring a task that the caller sees.
    pub fn may_delete(&self, created_by: Uuid) -> Result<()> {
        let allowed = self.role >= Role::Manager || created_by == self.id;
        allow(
            allowed,
            Code::TaskNotDeletable,
            "Only its creator, a manager of the project or an administrator may delete or restore a task.",
        )
    }

    /// Taking a task that the caller sees, or goes along with one, out of its project: who may delete it there.
    pub fn may_take_away(&self, created_by: Uuid) -> Result<()> {
        let allowed = self.role >= Role::Manager || created_by == self.id;
        allow(
            allowed,
            Code::TaskNotDeletable,
            "Only its creator, a manager of the project or an administrator may move a task, and each of its subtasks, to another project.",
        )
    }

    /// Changing the text of a comment: nobody puts words into another's mouth.
    pub fn may_edit_comment(&self, comment: &Comment) -> Result<()> {
        allow(comment.author_id == self.id, Code::CommentNotEditable, "Only its author may change a comment.")
    }

    /// Deleting a comment that the caller sees.
    pub fn may_delete_comment(&self, comment: &Comment) -> Result<()> {
        let allowed = self.role >= Role::Manager || comment.author_id == self.id;
        allow(
            allowed,
            Code::CommentNotDeletable,
            "Only its author, a manager of the project or an administrator may delete a comment.",
        )
    }
}

fn allow(allowed: bool, code: Code, otherwise: &'static str) -> Result<()> {
    if allowed { Ok(()) } else { Err(Error::forbidden(code, otherwise)) }
}

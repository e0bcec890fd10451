use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What a problem is, for programs: a stable word that never changes its meaning and always comes with the same status. New codes may
/// be added: handle one that you do not know by its status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Code {
    /// The request body is not JSON.
    MalformedJson,
    /// A WebSocket message is not one of those that there are, or lacks a field.
    InvalidMessage,
    /// A parameter is unknown or has a value that it cannot have.
    InvalidParameter,
    /// The cursor was not given out for this list in this order.
    InvalidCursor,
    /// A header has a value that it cannot have.
    InvalidHeader,
    /// There is no access token.
    TokenMissing,
    /// The access token is wrong or has expired.
    TokenInvalid,
    /// The session has ended, or the account is not active.
    SessionEnded,
    /// The e-mail address or the password is wrong.
    WrongCredentials,
    /// The refresh token is wrong or has expired.
    RefreshTokenInvalid,
    /// The refresh token was used before, which ends its session.
    RefreshTokenReused,
    /// The WebSocket connection is not known.
    ConnectionUnknown,
    /// Only administrators may do this.
    AdministratorRequired,
    /// Only managers and administrators may do this.
    ManagerRequired,
    /// Only the project's owner and administrators may do this.
    ProjectOwnerRequired,
    /// Only the project's managers and administrators may do this.
    ProjectManagerRequired,
    /// The caller is a viewer of the project, and may change nothing in it.
    ProjectReadOnly,
    /// The caller sees the task and may not change it.
    TaskNotEditable,
    /// The caller sees the task and may not delete or restore it.
    TaskNotDeletable,
    /// The caller sees the comment and may not change it.
    CommentNotEditable,
    /// The caller sees the comment and may not delete it.
    CommentNotDeletable,
    /// It does not exist, or the caller may not see it.
    NotFound,
    /// The path exists and does not take this method.
    MethodNotAllowed,
    /// An account with this e-mail address exists.
    EmailTaken,
    /// A project with this key exists.
    ProjectKeyTaken,
    /// A personal project cannot be shared, changed or deleted.
    PersonalProject,
    /// The owner of a project cannot be removed from it.
    OwnerNotRemovable,
    /// The owner of a project is a manager of it, and cannot be given another role.
    OwnerIsManager,
    /// The account is not active.
    AccountInactive,
    /// There would be no active administrator left.
    LastAdministrator,
    /// The project is in the trash.
    ProjectInTrash,
    /// The parent task is in the trash.
    ParentInTrash,
    /// It has been in the trash for thirty days.
    TrashExpired,
    /// The task has more subtasks than can recur with it.
    TooManySubtasks,
    /// Too many of the caller's reports are waiting.
    TooManyReports,
    /// The caller has as many subscriptions as one may have.
    TooManySubscriptions,
    /// The connection has as many projects open as one may have.
    TooManyOpenProjects,
    /// `If-Match` names another version.
    VersionMismatch,
    /// The request body is too large.
    BodyTooLarge,
    /// The request body is not declared as JSON.
    UnsupportedMediaType,
    /// Fields of the request body are wrong.
    ValidationFailed,
    /// The assignee is not a member of the project.
    AssigneeNotMember,
    /// The account of the assignee is not active.
    AssigneeNotActive,
    /// The assignee is a viewer of the project.
    AssigneeIsViewer,
    /// The new owner is not an active member whose account is a manager's or an administrator's.
    OwnerNotEligible,
    /// The tree would have too many levels.
    TreeTooDeep,
    /// The tree would have too many tasks.
    TreeTooLarge,
    /// The parent is not a task of the same project.
    ParentNotInProject,
    /// The parent is the task itself or one of its subtasks.
    ParentIsSubtask,
    /// The caller does not belong to the project, or it does not exist.
    ProjectNotJoined,
    /// The key is reserved for personal projects.
    ProjectKeyReserved,
    /// The recurrence rule is wrong or not supported.
    InvalidRecurrence,
    /// A recurring task needs a due date.
    DueAtRequired,
    /// The current password is wrong.
    WrongPassword,
    /// The token of a mail is wrong, was used or has expired.
    OneTimeTokenInvalid,
    /// The `Idempotency-Key` was used for another request.
    IdempotencyKeyReused,
    /// Too many requests.
    RateLimited,
    /// Too many failed attempts to log in.
    LoginLocked,
    /// A fault of the service.
    InternalError,
    /// A part of the service is not available.
    Unavailable,
    /// The request took too long, or waited too long for others, and was stopped: nothing was changed.
    TimedOut,
}

impl Code {
    /// The HTTP status that comes with it (RFC 9110). WebSocket messages number errors alike.
    pub fn status(self) -> u16 {
        match self {
            Self::MalformedJson
            | Self::InvalidMessage
            | Self::InvalidParameter
            | Self::InvalidCursor
            | Self::InvalidHeader => 400,
            Self::TokenMissing
            | Self::TokenInvalid
            | Self::SessionEnded
            | Self::WrongCredentials
            | Self::RefreshTokenInvalid
            | Self::RefreshTokenReused
            | Self::ConnectionUnknown => 401,
            Self::AdministratorRequired
            | Self::ManagerRequired
            | Self::ProjectOwnerRequired
            | Self::ProjectManagerRequired
            | Self::ProjectReadOnly
            | Self::TaskNotEditable
            | Self::TaskNotDeletable
            | Self::CommentNotEditable
            | Self::CommentNotDeletable => 403,
            Self::NotFound => 404,
            Self::MethodNotAllowed => 405,
            Self::EmailTaken
            | Self::ProjectKeyTaken
            | Self::PersonalProject
            | Self::OwnerNotRemovable
            | Self::OwnerIsManager
            | Self::AccountInactive
            | Self::LastAdministrator
            | Self::ProjectInTrash
            | Self::ParentInTrash
            | Self::TrashExpired
            | Self::TooManySubtasks
            | Self::TooManyReports
            | Self::TooManySubscriptions
            | Self::TooManyOpenProjects => 409,
            Self::VersionMismatch => 412,
            Self::BodyTooLarge => 413,
            Self::UnsupportedMediaType => 415,
            Self::ValidationFailed
            | Self::AssigneeNotMember
            | Self::AssigneeNotActive
            | Self::AssigneeIsViewer
            | Self::OwnerNotEligible
            | Self::TreeTooDeep
            | Self::TreeTooLarge
            | Self::ParentNotInProject
            | Self::ParentIsSubtask
            | Self::ProjectNotJoined
            | Self::ProjectKeyReserved
            | Self::InvalidRecurrence
            | Self::DueAtRequired
            | Self::WrongPassword
            | Self::OneTimeTokenInvalid
            | Self::IdempotencyKeyReused => 422,
            Self::RateLimited | Self::LoginLocked => 429,
            Self::InternalError => 500,
            Self::Unavailable | Self::TimedOut => 503,
        }
    }
}

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// An error code, for programs. The meaning of a code and its status never change. New codes may be added: handle a
/// code that you do not know by its status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Code {
    /// The request body is not JSON.
    MalformedJson,
    /// A WebSocket message has an unknown action, or its fields are not valid.
    InvalidMessage,
    /// A parameter is unknown or not valid.
    InvalidParameter,
    /// The cursor is not valid, or belongs to another list or order.
    InvalidCursor,
    /// A header is not valid.
    InvalidHeader,
    /// The access token is missing.
    TokenMissing,
    /// The access token is not valid or has expired.
    TokenInvalid,
    /// The session has ended, or the account is not active.
    SessionEnded,
    /// The e-mail address or the password is wrong.
    WrongCredentials,
    /// The refresh token is not valid or has expired.
    RefreshTokenInvalid,
    /// The refresh token was used before. Its session has been ended.
    RefreshTokenReused,
    /// The WebSocket connection is unknown.
    ConnectionUnknown,
    /// Only administrators may do this.
    AdministratorRequired,
    /// Only managers and administrators may do this.
    ManagerRequired,
    /// Only the project's owner and administrators may do this.
    ProjectOwnerRequired,
    /// Only the project's managers and administrators may do this.
    ProjectManagerRequired,
    /// The caller is a viewer of the project and may not change anything in it.
    ProjectReadOnly,
    /// The caller may see the task, but not change it.
    TaskNotEditable,
    /// The caller may see the task, but not delete or restore it.
    TaskNotDeletable,
    /// The caller may see the comment, but not change it.
    CommentNotEditable,
    /// The caller may see the comment, but not delete it.
    CommentNotDeletable,
    /// The resource does not exist, or the caller may not see it.
    NotFound,
    /// The path exists, but does not support this method.
    MethodNotAllowed,
    /// An account with this e-mail address already exists.
    EmailTaken,
    /// A project with this key already exists.
    ProjectKeyTaken,
    /// A personal project cannot be shared, changed or deleted, or watched by others.
    PersonalProject,
    /// The owner of a project cannot be removed from it.
    OwnerNotRemovable,
    /// The owner of a project is always a manager of it. Their role cannot be changed.
    OwnerIsManager,
    /// The account is not active.
    AccountInactive,
    /// The change would leave no active administrator.
    LastAdministrator,
    /// The project is in the trash.
    ProjectInTrash,
    /// The parent task is in the trash.
    ParentInTrash,
    /// The task or project has been in the trash for 30 days and can no longer be restored.
    TrashExpired,
    /// The task has too many subtasks to recur.
    TooManySubtasks,
    /// The caller has too many unfinished reports.
    TooManyReports,
    /// The report has no file: it is not ready, failed or has expired.
    ReportHasNoFile,
    /// The file of the report is too large for a response. Its link downloads it.
    ReportFileTooLarge,
    /// The caller has the maximum number of report subscriptions.
    TooManySubscriptions,
    /// The task `after` stands behind the task `before`.
    OrderChanged,
    /// The connection has the maximum number of projects open.
    TooManyOpenProjects,
    /// Changes of the project after `since` are no longer kept, or there is no change `since`.
    ChangesExpired,
    /// `If-Match` names another version.
    VersionMismatch,
    /// The request body is too large.
    BodyTooLarge,
    /// The `Content-Type` of the request is not JSON.
    UnsupportedMediaType,
    /// Fields of the request body are not valid.
    ValidationFailed,
    /// The assignee is not a member of the project.
    AssigneeNotMember,
    /// The account of the assignee is not active.
    AssigneeNotActive,
    /// The assignee is a viewer of the project.
    AssigneeIsViewer,
    /// The new owner is not an active member of the project, or their account does not have the role `manager` or
    /// `admin`.
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
    /// The recurrence rule is not valid or not supported.
    InvalidRecurrence,
    /// A recurring task needs a due date.
    DueAtRequired,
    /// The current password is wrong.
    WrongPassword,
    /// The token from the e-mail is not valid, was already used or has expired.
    OneTimeTokenInvalid,
    /// The `Idempotency-Key` was used for another request.
    IdempotencyKeyReused,
    /// Too many requests.
    RateLimited,
    /// There were too many failed attempts to log in.
    LoginLocked,
    /// An internal error of the service.
    InternalError,
    /// A part of the service is not available.
    Unavailable,
    /// The request took too long, or waited too long for other requests, and was stopped. Nothing was changed.
    TimedOut,
}

impl Code {
    /// Returns the HTTP status of the code (RFC 9110). WebSocket errors use the same status.
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
            | Self::ReportHasNoFile
            | Self::ReportFileTooLarge
            | Self::TooManySubscriptions
            | Self::OrderChanged
            | Self::TooManyOpenProjects => 409,
            Self::ChangesExpired => 410,
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

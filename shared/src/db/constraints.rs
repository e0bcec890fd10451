//! Maps errors of the database to errors for the client. This is the only place that names constraints.

use sqlx::error::{DatabaseError, ErrorKind};

use crate::{Code, Error};

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        match error {
            sqlx::Error::RowNotFound => Self::NotFound,
            sqlx::Error::Database(ref database) => match from_constraint(database.as_ref()) {
                Some(told) => told,
                None if is_bad_value(database.code().as_deref()) => {
                    Self::bad_request(Code::InvalidParameter, "A parameter or cursor cannot be understood.")
                }
                // `query_canceled`: by `statement_timeout`.
                None if database.code().as_deref() == Some("57014") => Self::TimedOut(error.into()),
                None if is_transient(database.code().as_deref()) => Self::Unavailable(error.into()),
                None => Self::Internal(error.into()),
            },
            sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
            | sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed => Self::Unavailable(error.into()),
            _ => Self::Internal(error.into()),
        }
    }
}

fn from_constraint(error: &dyn DatabaseError) -> Option<Error> {
    let told = match error.constraint()? {
        "users_email_key" => Error::conflict(Code::EmailTaken, "An account with this e-mail address exists already."),
        "projects_key_key" => Error::conflict(Code::ProjectKeyTaken, "A project with this key exists already."),
        "tasks_assignee_is_member" => {
            Error::invalid_as(Code::AssigneeNotMember, "/assignee_id", "must be a member of the task's project")
        }
        "tasks_parent_in_project" => {
            Error::invalid_as(Code::ParentNotInProject, "/parent_id", "must be a task of the same project")
        }
        "tasks_parent_is_another" => Error::invalid_as(Code::ParentIsSubtask, "/parent_id", "must be another task"),
        "memberships_user_id_fkey" | "memberships_project_id_fkey"
            if error.kind() == ErrorKind::ForeignKeyViolation =>
        {
            Error::NotFound
        }
        _ => return None,
    };
    Some(told)
}

/// Returns whether a SQLSTATE is transient: connection exceptions (08), too many connections and other shortages (53),
/// shutting down or starting up (57P), and transactions that lost against another (40), which changed nothing and may
/// be repeated.
fn is_transient(sqlstate: Option<&str>) -> bool {
    sqlstate.is_some_and(|code| ["08", "53", "57P", "40"].iter().any(|class| code.starts_with(class)))
}

/// Returns whether a SQLSTATE is about a value that no column holds: text that is not a number or a time, a value out
/// of range, an unknown time zone (a forged cursor), or an invalid character.
fn is_bad_value(sqlstate: Option<&str>) -> bool {
    matches!(sqlstate, Some("22P02" | "22003" | "22007" | "22008" | "22009" | "22021" | "22023"))
}

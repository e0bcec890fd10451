use std::time::Duration;

use serde::Serialize;
use utoipa::ToSchema;

use crate::Code;

/// A result whose error says what to tell the caller.
pub type Result<T> = std::result::Result<T, Error>;

/// Everything that can go wrong, by what the caller can do about it.
///
/// The texts are meant for the caller. What is meant for us alone travels in `Unavailable`, `TimedOut` and `Internal` and only reaches the log.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Not understood: not JSON, a bad parameter, a bad cursor.
    #[error("{1}")]
    BadRequest(Code, String),
    /// No valid access token.
    #[error("{1}")]
    Unauthenticated(Code, &'static str),
    /// Seen, but not allowed.
    #[error("{1}")]
    Forbidden(Code, &'static str),
    /// Does not exist, or the caller may not see it: the two must look the same.
    #[error("Not found, or you do not have access.")]
    NotFound,
    /// The present state does not allow it.
    #[error("{1}")]
    Conflict(Code, String),
    /// `If-Match` named another version. Carries the present version and state.
    #[error("It has changed since you read it.")]
    VersionMismatch {
        /// The version that it has now.
        version: i64,
        /// The resource as it is now.
        current: Box<serde_json::Value>,
    },
    /// Fields that are wrong, all of them.
    #[error("Some fields are not valid.")]
    Invalid(Code, Vec<Fault>),
    /// Too many requests, or too many failed log-ins.
    #[error("{detail} Try again in {} seconds.", retry_after.as_secs().max(1))]
    TooManyRequests {
        /// What it is, for programs.
        code: Code,
        /// Says what there was too much of.
        detail: &'static str,
        /// When it is worth trying again.
        retry_after: Duration,
    },
    /// A dependency is not available; the same request may work in a moment.
    #[error("A part of the service is not available. Try again in a moment.")]
    Unavailable(#[source] anyhow::Error),
    /// The database ended a statement that took too long, or waited too long for others.
    #[error("It took too long and was stopped; nothing was changed. Ask for less at once, or try again in a moment.")]
    TimedOut(#[source] anyhow::Error),
    /// A fault of ours.
    #[error("Something went wrong on our side.")]
    Internal(#[source] anyhow::Error),
}

/// One wrong field of a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Fault {
    /// Where: a JSON pointer (RFC 6901) into the request's body.
    #[schema(example = "/title")]
    pub pointer: String,
    /// What is wrong with it, for a person.
    #[schema(example = "must have at least 1 character")]
    pub detail: String,
}

impl Error {
    /// A request that is not understood.
    pub fn bad_request(code: Code, detail: impl Into<String>) -> Self {
        Self::BadRequest(code, detail.into())
    }

    /// Something that the caller sees and may not do.
    pub fn forbidden(code: Code, detail: &'static str) -> Self {
        Self::Forbidden(code, detail)
    }

    /// Something that the present state does not allow.
    pub fn conflict(code: Code, detail: impl Into<String>) -> Self {
        Self::Conflict(code, detail.into())
    }

    /// One field of the wrong form.
    pub fn invalid(pointer: &str, detail: impl Into<String>) -> Self {
        Self::invalid_as(Code::ValidationFailed, pointer, detail)
    }

    /// One wrong field, with a code of its own.
    pub fn invalid_as(code: Code, pointer: &str, detail: impl Into<String>) -> Self {
        Self::Invalid(code, vec![Fault { pointer: pointer.into(), detail: detail.into() }])
    }

    /// A fault of ours, with the story for the log.
    pub fn internal(cause: impl Into<anyhow::Error>) -> Self {
        Self::Internal(cause.into())
    }

    /// The status code that says the same, as HTTP (RFC 9110) and our WebSocket messages number it.
    pub fn status(&self) -> u16 {
        self.code().status()
    }

    /// What it is, for programs.
    pub fn code(&self) -> Code {
        match self {
            Self::BadRequest(code, _)
            | Self::Unauthenticated(code, _)
            | Self::Forbidden(code, _)
            | Self::Conflict(code, _)
            | Self::Invalid(code, _)
            | Self::TooManyRequests { code, .. } => *code,
            Self::NotFound => Code::NotFound,
            Self::VersionMismatch { .. } => Code::VersionMismatch,
            Self::Internal(_) => Code::InternalError,
            Self::Unavailable(_) => Code::Unavailable,
            Self::TimedOut(_) => Code::TimedOut,
        }
    }

    /// What the log should say beyond what the caller is told: the chain of causes.
    pub fn cause(&self) -> Option<String> {
        match self {
            Self::Unavailable(cause) | Self::TimedOut(cause) | Self::Internal(cause) => Some(format!("{cause:#}")),
            _ => None,
        }
    }
}

impl From<anyhow::Error> for Error {
    fn from(cause: anyhow::Error) -> Self {
        Self::Internal(cause)
    }
}

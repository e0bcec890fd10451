use std::time::Duration;

use serde::Serialize;
use utoipa::ToSchema;

use crate::Code;

/// A result with an [`Error`].
pub type Result<T> = std::result::Result<T, Error>;

/// An error of a request.
///
/// The texts are sent to the caller. The causes in `Unavailable`, `TimedOut` and `Internal` are only logged.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The request is malformed: its body is not JSON, or a parameter, cursor or header is not valid.
    #[error("{1}")]
    BadRequest(Code, String),
    /// The request has no valid access token or session.
    #[error("{1}")]
    Unauthenticated(Code, &'static str),
    /// The caller may see the resource, but not do this.
    #[error("{1}")]
    Forbidden(Code, &'static str),
    /// The resource does not exist, or the caller may not see it. Callers must not be able to distinguish the two.
    #[error("Not found, or you do not have access.")]
    NotFound,
    /// The current state of the resource does not allow the request.
    #[error("{1}")]
    Conflict(Code, String),
    /// The resource is no longer there.
    #[error("{1}")]
    Gone(Code, &'static str),
    /// `If-Match` names another version.
    #[error("The resource has changed since you read it. `current` is its current state.")]
    VersionMismatch {
        /// The current version of the resource.
        version: i64,
        /// The current state of the resource.
        current: Box<serde_json::Value>,
    },
    /// Fields of the request are not valid. Contains all of them.
    #[error("Some fields are not valid.")]
    Invalid(Code, Vec<Fault>),
    /// There were too many requests, or too many failed attempts to log in.
    #[error("{detail} Try again in {} seconds.", retry_after.as_secs().max(1))]
    TooManyRequests {
        /// The error code.
        code: Code,
        /// The first sentence of the text, which says what there were too many of.
        detail: &'static str,
        /// The time after which the request may be repeated.
        retry_after: Duration,
    },
    /// A dependency is not available. The request can be repeated later.
    #[error("A part of the service is not available. Try again in a moment.")]
    Unavailable(#[source] anyhow::Error),
    /// The database stopped a statement that took too long, or waited too long for others.
    #[error(
        "The request took too long and was stopped. Nothing was changed. Request less data or try again in a moment."
    )]
    TimedOut(#[source] anyhow::Error),
    /// An internal error of the service.
    #[error("Something went wrong on our side.")]
    Internal(#[source] anyhow::Error),
}

/// A field of a request that is not valid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Fault {
    /// The field: a JSON pointer (RFC 6901) into the request body.
    #[schema(example = "/title")]
    pub pointer: String,
    /// What is wrong with the field, for people.
    #[schema(example = "must have at least 1 character")]
    pub detail: String,
}

impl Error {
    /// Creates an error for a malformed request.
    pub fn bad_request(code: Code, detail: impl Into<String>) -> Self {
        Self::BadRequest(code, detail.into())
    }

    /// Creates an error for a request that the caller has no right to make.
    pub fn forbidden(code: Code, detail: &'static str) -> Self {
        Self::Forbidden(code, detail)
    }

    /// Creates an error for a request that the current state does not allow.
    pub fn conflict(code: Code, detail: impl Into<String>) -> Self {
        Self::Conflict(code, detail.into())
    }

    /// Creates an error for one field that is not valid.
    pub fn invalid(pointer: &str, detail: impl Into<String>) -> Self {
        Self::invalid_as(Code::ValidationFailed, pointer, detail)
    }

    /// Creates an error for one field that is not valid, with a specific code.
    pub fn invalid_as(code: Code, pointer: &str, detail: impl Into<String>) -> Self {
        Self::Invalid(code, vec![Fault { pointer: pointer.into(), detail: detail.into() }])
    }

    /// Creates an internal error, with its cause for the log.
    pub fn internal(cause: impl Into<anyhow::Error>) -> Self {
        Self::Internal(cause.into())
    }

    /// Returns the HTTP status of the error (RFC 9110). WebSocket errors use the same status.
    pub fn status(&self) -> u16 {
        self.code().status()
    }

    /// Returns the error code.
    pub fn code(&self) -> Code {
        match self {
            Self::BadRequest(code, _)
            | Self::Unauthenticated(code, _)
            | Self::Forbidden(code, _)
            | Self::Conflict(code, _)
            | Self::Gone(code, _)
            | Self::Invalid(code, _)
            | Self::TooManyRequests { code, .. } => *code,
            Self::NotFound => Code::NotFound,
            Self::VersionMismatch { .. } => Code::VersionMismatch,
            Self::Internal(_) => Code::InternalError,
            Self::Unavailable(_) => Code::Unavailable,
            Self::TimedOut(_) => Code::TimedOut,
        }
    }

    /// Returns the chain of causes, which is logged and not sent to the caller.
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

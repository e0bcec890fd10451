use std::time::Duration;

use serde::Serialize;
use utoipa::ToSchema;

/// A result whose error says what to tell the caller.
pub type Result<T> = std::result::Result<T, Error>;

/// Everything that can go wrong, by what the caller can do about it.
///
/// The texts are meant for the caller. What is meant for us alone travels in `Unavailable` and `Internal` and only reaches the log.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Not understood: not JSON, a bad parameter, a bad cursor.
    #[error("{0}")]
    BadRequest(String),
    /// No valid access token.
    #[error("{0}")]
    Unauthenticated(&'static str),
    /// Seen, but not allowed.
    #[error("{0}")]
    Forbidden(&'static str),
    /// Not there, or not to be seen by this caller: the two must look the same.
    #[error("There is no such thing, or you may not see it.")]
    NotFound,
    /// The present state does not allow it.
    #[error("{0}")]
    Conflict(String),
    /// `If-Match` named another version. Carries the present version and state.
    #[error("It has changed since you read it.")]
    VersionMismatch {
        /// The version that it has now.
        version: i64,
        /// The resource as it is now.
        current: Box<serde_json::Value>,
    },
    /// Fields that are wrong, all of them.
    #[error("Some fields are wrong.")]
    Invalid(Vec<Fault>),
    /// Too many requests, or too many failed log-ins.
    #[error("{detail} Try again in {} seconds.", retry_after.as_secs().max(1))]
    TooManyRequests {
        /// Says what there was too much of.
        detail: &'static str,
        /// When it is worth trying again.
        retry_after: Duration,
    },
    /// Something that this depends on is away; the same request may work in a moment.
    #[error("A part of the service is away. Try again in a moment.")]
    Unavailable(#[source] anyhow::Error),
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
    /// One wrong field.
    pub fn invalid(pointer: &str, detail: impl Into<String>) -> Self {
        Self::Invalid(vec![Fault { pointer: pointer.into(), detail: detail.into() }])
    }

    /// A fault of ours, with the story for the log.
    pub fn internal(cause: impl Into<anyhow::Error>) -> Self {
        Self::Internal(cause.into())
    }

    /// The status code that says the same, as HTTP (RFC 9110) and our WebSocket messages number it.
    pub fn status(&self) -> u16 {
        match self {
            Self::BadRequest(_) => 400,
            Self::Unauthenticated(_) => 401,
            Self::Forbidden(_) => 403,
            Self::NotFound => 404,
            Self::Conflict(_) => 409,
            Self::VersionMismatch { .. } => 412,
            Self::Invalid(_) => 422,
            Self::TooManyRequests { .. } => 429,
            Self::Internal(_) => 500,
            Self::Unavailable(_) => 503,
        }
    }

    /// What the log should say beyond what the caller is told: the chain of causes.
    pub fn cause(&self) -> Option<String> {
        match self {
            Self::Unavailable(cause) | Self::Internal(cause) => Some(format!("{cause:#}")),
            _ => None,
        }
    }
}

impl From<anyhow::Error> for Error {
    fn from(cause: anyhow::Error) -> Self {
        Self::Internal(cause)
    }
}

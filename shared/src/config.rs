//! Configuration: environment variables, read once at cold start, typed, with errors that name the variable.

use std::{fmt::Display, str::FromStr};

/// A variable that is missing or invalid.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// It is required, and is not set or empty.
    #[error("the environment variable {0} is not set")]
    Missing(&'static str),
    /// It is set, but its value is invalid. The value is left out: it may be a secret.
    #[error("the environment variable {name} cannot be understood: {reason}")]
    Invalid {
        /// The variable.
        name: &'static str,
        /// What the parser reported.
        reason: String,
    },
}

/// Returns the value of a required variable.
pub fn required<T: FromStr<Err: Display>>(name: &'static str) -> Result<T, ConfigError> {
    optional(name)?.ok_or(ConfigError::Missing(name))
}

/// Returns the value of a variable that may be absent; an empty one counts as absent.
pub fn optional<T: FromStr<Err: Display>>(name: &'static str) -> Result<Option<T>, ConfigError> {
    #[expect(clippy::disallowed_methods, reason = "this is where configuration is read")]
    let value = std::env::var(name).ok().filter(|value| !value.is_empty());
    value
        .map(|value| value.parse().map_err(|e: T::Err| ConfigError::Invalid { name, reason: e.to_string() }))
        .transpose()
}

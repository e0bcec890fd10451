//! How requests name a task.

use std::str::FromStr;

use uuid::Uuid;

use crate::{Error, Result};

/// A reference to a task in a request: its id or its key.
#[derive(Debug, Clone)]
pub enum TaskRef {
    /// `0190…`
    Id(Uuid),
    /// `WEB-42`
    Key(String, i32),
}

impl FromStr for TaskRef {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        if let Ok(id) = Uuid::try_parse(text) {
            return Ok(Self::Id(id));
        }
        let (project_key, number) = text.rsplit_once('-').ok_or(Error::NotFound)?;
        if !project_key.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return Err(Error::NotFound);
        }
        Ok(Self::Key(project_key.to_ascii_uppercase(), number.parse().map_err(|_| Error::NotFound)?))
    }
}

impl TaskRef {
    /// Returns the id, or else the project's key and the number.
    pub(super) fn parts(&self) -> (Option<Uuid>, Option<&str>, Option<i32>) {
        match self {
            Self::Id(id) => (Some(*id), None, None),
            Self::Key(project_key, number) => (None, Some(project_key), Some(*number)),
        }
    }
}

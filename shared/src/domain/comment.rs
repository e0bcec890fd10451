//! Comments.

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::formats::{TEXT_RULE, is_text};
use crate::{Error, Result};

/// A comment, as the API shows it.
#[derive(Debug, Clone, Serialize, ToSchema, sqlx::FromRow)]
pub struct Comment {
    /// A UUIDv7.
    pub id: Uuid,
    /// The task.
    pub task_id: Uuid,
    /// The author.
    pub author_id: Uuid,
    /// Markdown; `@[name](user:<id>)` mentions someone.
    pub body: String,
    /// When it was written.
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
    /// The version, which is incremented by each change. It is also the `ETag`.
    pub version: i64,
}

/// The most characters of a comment.
pub const MAX_BODY: usize = 20_000;

/// Checks the text of a comment, where no schema has done so.
pub fn check_body(body: &str) -> Result<()> {
    if body.is_empty() || body.chars().count() > MAX_BODY {
        return Err(Error::invalid("/body", format!("must have from 1 to {MAX_BODY} characters")));
    }
    if is_text(body) { Ok(()) } else { Err(Error::invalid("/body", TEXT_RULE)) }
}

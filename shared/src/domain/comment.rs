//! Comments and the people mentioned in them.

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// A comment, as the API shows it.
#[derive(Debug, Clone, Serialize, ToSchema, sqlx::FromRow)]
pub struct Comment {
    /// A UUIDv7.
    pub id: Uuid,
    /// The task that it is about.
    pub task_id: Uuid,
    /// Who wrote it.
    pub author_id: Uuid,
    /// Markdown; `@[name](user:<id>)` mentions someone.
    pub body: String,
    /// When it was written.
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
    /// Counts changes; it also travels as the `ETag`.
    pub version: i64,
}

/// The ids of the people whom a text mentions, each once, in order.
pub fn mentions(body: &str) -> Vec<Uuid> {
    let mut found = Vec::new();
    for (at, _) in body.match_indices("](user:") {
        let rest = &body[at + "](user:".len()..];
        let named = body[..at].rfind("@[").is_some_and(|open| !body[open + 2..at].contains([']', '\n']));
        let id = rest.split_once(')').and_then(|(id, _)| Uuid::try_parse(id).ok());
        if let Some(id) = id.filter(|id| named && !found.contains(id)) {
            found.push(id);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::mentions;

    #[test]
    fn a_mention_names_a_person_once() {
        let id = uuid::Uuid::now_v7();
        assert_eq!(mentions(&format!("hi @[Ann](user:{id}), and @[Ann](user:{id})")), [id]);
        let none = format!("@[Ann\n](user:{id}) [Ann](user:{id}) @[x](user:nobody) @[a] b](user:{id})");
        assert!(mentions(&none).is_empty(), "{none}");
    }
}

//! Comments and the people mentioned in them.

use std::ops::Range;

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::formats::FORMATS;
use crate::{Error, Result};

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

/// How many characters a comment has at most.
pub const MAX_BODY: usize = 20_000;

/// Checks what somebody wants to say, where no schema has done so.
pub fn check_body(body: &str) -> Result<()> {
    if body.is_empty() || body.chars().count() > MAX_BODY {
        return Err(Error::invalid("/body", format!("must have from 1 to {MAX_BODY} characters")));
    }
    match FORMATS.iter().find(|format| format.name == "text") {
        Some(text) if !(text.check)(body) => Err(Error::invalid("/body", text.rule)),
        _ => Ok(()),
    }
}

/// The ids of the people whom a text mentions, each once, in order.
pub fn mentions(body: &str) -> Vec<Uuid> {
    let mut found = Vec::new();
    for mention in find_mentions(body) {
        if !found.contains(&mention.user_id) {
            found.push(mention.user_id);
        }
    }
    found
}

/// The text with `@name` in place of each mention, for reading.
pub fn without_markup(body: &str) -> String {
    let (mut text, mut end) = (String::with_capacity(body.len()), 0);
    for mention in find_mentions(body) {
        text.push_str(&body[end..mention.range.start]);
        text.push('@');
        text.push_str(mention.name);
        end = mention.range.end;
    }
    text + &body[end..]
}

struct Mention<'a> {
    range: Range<usize>,
    name: &'a str,
    user_id: Uuid,
}

fn find_mentions(body: &str) -> impl Iterator<Item = Mention<'_>> {
    body.match_indices("](user:").filter_map(|(at, mark)| {
        let open = body[..at].rfind("@[")?;
        let name = &body[open + 2..at];
        let (id, _) = body[at + mark.len()..].split_once(')')?;
        let user_id = Uuid::try_parse(id).ok()?;
        let end = at + mark.len() + id.len() + 1;
        (!name.contains([']', '\n'])).then_some(Mention { range: open..end, name, user_id })
    })
}

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, prelude::*, sample::select};

    use super::*;

    #[test]
    fn a_mention_names_a_person_once() {
        let id = uuid::Uuid::now_v7();
        assert_eq!(mentions(&format!("hi @[Ann](user:{id}), and @[Ann](user:{id})")), [id]);
        let none = format!("@[Ann\n](user:{id}) [Ann](user:{id}) @[x](user:nobody) @[a] b](user:{id})");
        assert!(mentions(&none).is_empty(), "{none}");
        assert_eq!(without_markup(&none), none);
        assert_eq!(without_markup(&format!("@[Ann](user:{id}): hi")), "@Ann: hi");
    }

    proptest! {
        /// Mentions and pieces of them, in any order. What is found is taken out of the text as a whole, but for `@` and the name.
        #[test]
        fn a_mention_that_is_found_is_taken_out_as_a_whole(pieces in vec(select(vec![
            "@[Ann](user:0190c2e4-7d5b-7c3e-9a51-3f1d1f0c9b11)", "@[", "é]", "](user:", "0190c2e4-7d5b-7c3e-9a51-3f1d1f0c9b11", ")", "@", "\n", "x",
        ]), 0..12)) {
            let body = pieces.concat();
            let markup = "[](user:0190c2e4-7d5b-7c3e-9a51-3f1d1f0c9b11)".len();
            prop_assert_eq!(body.len() - without_markup(&body).len(), find_mentions(&body).count() * markup);
            prop_assert_eq!(mentions(&body).len(), usize::from(find_mentions(&body).count() > 0), "each person once");
        }
    }
}

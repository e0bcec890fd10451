//! Keyset paging: a cursor names the last row that was seen, so that it survives inserts and deletes.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;
use utoipa::ToSchema;

use crate::{Code, Error, Result};

/// A page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct Page<T> {
    /// The rows of this page.
    pub items: Vec<T>,
    /// What to send as `cursor` for the next page; null on the last.
    pub next_cursor: Option<String>,
}

/// Which page is asked for.
#[derive(Debug, Clone)]
pub struct PageRequest {
    /// How many rows.
    pub limit: u8,
    /// The `next_cursor` of the page before.
    pub cursor: Option<String>,
}

/// Where a page ended. What is in it is bound as a parameter and compared, nothing more: a forged one can only skip
/// rows that its holder may see anyway.
#[derive(Serialize, Deserialize)]
pub struct Cursor {
    /// The list and its order: a cursor of another list is refused.
    #[serde(rename = "o")]
    order: String,
    #[serde(rename = "k")]
    key: Value,
}

impl Cursor {
    /// A cursor behind the row with this key.
    pub fn new(order: &str, key: impl Serialize) -> Self {
        Self { order: order.into(), key: serde_json::json!(key) }
    }

    fn encode(&self) -> String {
        URL_SAFE_NO_PAD.encode(serde_json::json!(self).to_string())
    }

    fn decode(cursor: &str) -> Option<Self> {
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(cursor).ok()?).ok()
    }
}

impl PageRequest {
    /// How many rows to fetch: one more than the page has tells whether there is another page.
    pub fn fetch(&self) -> i64 {
        i64::from(self.limit) + 1
    }

    /// The key behind which this page begins; nothing for the first page. A cursor that was not made for this order is
    /// refused.
    pub fn after<K: DeserializeOwned>(&self, order: &str) -> Result<Option<K>> {
        let Some(cursor) = &self.cursor else { return Ok(None) };
        Cursor::decode(cursor)
            .filter(|cursor| cursor.order == order)
            .and_then(|cursor| serde_json::from_value(cursor.key).ok())
            .map(Some)
            .ok_or_else(|| Error::bad_request(Code::InvalidCursor, "The cursor is not one of this list in this order."))
    }

    /// Makes a page of the rows that were fetched.
    pub fn cut<T>(&self, mut rows: Vec<T>, cursor: impl Fn(&T) -> Cursor) -> Page<T> {
        let more = rows.len() > usize::from(self.limit);
        rows.truncate(usize::from(self.limit));
        let next_cursor = rows.last().filter(|_| more).map(|row| cursor(row).encode());
        Page { items: rows, next_cursor }
    }
}

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, prelude::*, sample::Index};
    use uuid::Uuid;

    use super::*;

    /// The key of a list of tasks, which has the most in it.
    type Key = (Vec<String>, Uuid);

    fn read(cursor: String, order: &str) -> Option<Key> {
        PageRequest { limit: 50, cursor: Some(cursor) }.after::<Key>(order).ok().flatten()
    }

    fn any_key() -> impl Strategy<Value = Key> {
        (vec("\\PC{0,20}", 0..4), any::<u128>().prop_map(Uuid::from_u128))
    }

    proptest! {
        #[test]
        fn a_cursor_says_where_its_page_ended_and_is_good_for_no_other_order(key in any_key(), other in "\\PC{0,20}") {
            let cursor = Cursor::new("tasks by Title", &key).encode();
            prop_assert_eq!(read(cursor.clone(), &other), None);
            prop_assert_eq!(read(cursor, "tasks by Title"), Some(key));
        }

        /// Bytes of all kinds, JSON of other shapes, and cursors of which some characters were changed, so that every
        /// layer is reached.
        #[test]
        fn what_is_no_cursor_is_refused(
            bytes in vec(any::<u8>(), 0..60),
            text in "\\PC{0,40}",
            json in "[\\[\\]{}\",:ok0-9a-]{0,40}",
            key in any_key(),
            edits in vec((any::<Index>(), any::<char>()), 1..3),
        ) {
            for cursor in [URL_SAFE_NO_PAD.encode(&bytes), text, URL_SAFE_NO_PAD.encode(&json)] {
                prop_assert_eq!(read(cursor, "tasks by Title"), None);
            }
            let mut cursor: Vec<char> = Cursor::new("tasks by Title", &key).encode().chars().collect();
            for (at, new) in edits {
                let at = at.index(cursor.len());
                cursor[at] = new;
            }
            // It may say something else, and then it says just that.
            if let Some(said) = read(cursor.into_iter().collect(), "tasks by Title") {
                prop_assert_eq!(read(Cursor::new("tasks by Title", &said).encode(), "tasks by Title"), Some(said));
            }
        }
    }
}

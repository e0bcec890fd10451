//! Keyset pagination: a cursor contains the key of the last row of a page, so it stays valid when rows are inserted or
//! deleted.

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

/// A request for a page.
#[derive(Debug, Clone)]
pub struct PageRequest {
    /// The maximum number of rows.
    pub limit: u8,
    /// The `next_cursor` of the previous page. `None` requests the first page.
    pub cursor: Option<String>,
}

/// The end of a page. Its content is only bound as a parameter and compared, so a forged cursor can only skip rows that
/// the caller may see anyway.
#[derive(Serialize, Deserialize)]
pub struct Cursor {
    /// The list and its order. A cursor of another list is rejected.
    #[serde(rename = "o")]
    order: String,
    #[serde(rename = "k")]
    key: Value,
}

impl Cursor {
    /// Creates a cursor after the row with this key.
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
    /// Returns the number of rows to fetch: one more than the page has, which shows whether there is another page.
    pub fn fetch(&self) -> i64 {
        i64::from(self.limit) + 1
    }

    /// Returns the key after which this page begins, or `None` for the first page. Fails if the cursor was not made for
    /// this order.
    pub fn after<K: DeserializeOwned>(&self, order: &str) -> Result<Option<K>> {
        let Some(cursor) = &self.cursor else { return Ok(None) };
        Cursor::decode(cursor)
            .filter(|cursor| cursor.order == order)
            .and_then(|cursor| serde_json::from_value(cursor.key).ok())
            .map(Some)
            .ok_or_else(|| Error::bad_request(Code::InvalidCursor, "The cursor is not one of this list in this order."))
    }

    /// Creates a page from the fetched rows.
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

    /// The key of a list of tasks, which has the most parts.
    type Key = (Vec<String>, Uuid);

    fn read(cursor: String, order: &str) -> Option<Key> {
        PageRequest { limit: 50, cursor: Some(cursor) }.after::<Key>(order).ok().flatten()
    }

    fn any_key() -> impl Strategy<Value = Key> {
        (vec("\\PC{0,20}", 0..4), any::<u128>().prop_map(Uuid::from_u128))
    }

    proptest! {
        #[test]
        fn a_cursor_contains_its_key_and_is_valid_only_for_its_order(key in any_key(), other in "\\PC{0,20}") {
            let cursor = Cursor::new("tasks by Title", &key).encode();
            prop_assert_eq!(read(cursor.clone(), &other), None);
            prop_assert_eq!(read(cursor, "tasks by Title"), Some(key));
        }

        /// Tests random bytes, other JSON, and cursors with changed characters, so that every layer is reached.
        #[test]
        fn an_invalid_cursor_is_rejected(
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
            // A changed cursor may be valid. Then its key is read correctly.
            if let Some(said) = read(cursor.into_iter().collect(), "tasks by Title") {
                prop_assert_eq!(read(Cursor::new("tasks by Title", &said).encode(), "tasks by Title"), Some(said));
            }
        }
    }
}

//! Cursors: an accepted cursor continues to the end of its list without repeating a row, whatever it contains.
//!
//! Near-valid input is a cursor that a list returned, with some of its characters or values replaced.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use proptest::{collection::vec, prelude::*, sample::Index, sample::select};
use serde_json::{Value, json};
use shared::db::PgPool;

use super::{changed, escaped, holds};
use crate::support::{App, Person, id, text};

/// A list: its path, the field that identifies a row, all rows in order, and the cursors that it returned.
struct List {
    path: String,
    field: &'static str,
    rows: Vec<String>,
    cursors: Vec<String>,
}

#[derive(Debug, Clone)]
enum Forgery {
    /// The cursor with some of its characters replaced.
    Edited(Vec<(Index, String)>),
    /// The cursor with some of its values replaced.
    Forged(Vec<(Index, Value)>),
    Made(String),
}

fn forgeries() -> impl Strategy<Value = Forgery> {
    let value = prop_oneof![
        6 => select(vec![
            "infinity", "-infinity", "NaN", "0", "1e-40", "now", "epoch", "2026-11-24 12:00:00+00", "294276-12-31 23:59:59Z", "4713-01-01 BC",
            "todo", "urgent", "", "b", "tasks by Title", "00000000-0000-0000-0000-000000000000", "ffffffff-ffff-7fff-bfff-ffffffffffff",
            "a\u{0}", "\u{10ffff}",
        ]).prop_map(Value::from),
        2 => "\\PC{0,12}".prop_map(Value::from),
        1 => "[0-9TZ :.+-]{1,30}".prop_map(Value::from),
        1 => any::<i64>().prop_map(Value::from),
        1 => select(vec![json!(null), json!([]), json!({}), json!([["a"], "b"])]),
    ];
    prop_oneof![
        2 => vec((any::<Index>(), "[A-Za-z0-9_=-]{0,2}"), 1..3).prop_map(Forgery::Edited),
        6 => vec((any::<Index>(), value), 1..3).prop_map(Forgery::Forged),
        1 => "\\PC{0,40}".prop_map(Forgery::Made),
    ]
}

impl Forgery {
    fn of(&self, cursor: &str) -> String {
        match self {
            Self::Edited(edits) => changed(cursor, edits),
            Self::Made(text) => text.clone(),
            Self::Forged(values) => {
                let mut said: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(cursor).unwrap()).unwrap();
                for (at, new) in values {
                    let mut places = Vec::new();
                    leaves(&said, "", &mut places);
                    *said.pointer_mut(&places[at.index(places.len())]).unwrap() = new.clone();
                }
                URL_SAFE_NO_PAD.encode(said.to_string())
            }
        }
    }
}

/// Collects the pointers to all values that contain no other value.
fn leaves(value: &Value, at: &str, found: &mut Vec<String>) {
    match value {
        Value::Array(items) => items.iter().enumerate().for_each(|(n, item)| leaves(item, &format!("{at}/{n}"), found)),
        Value::Object(fields) => fields.iter().for_each(|(name, field)| leaves(field, &format!("{at}/{name}"), found)),
        _ => found.push(at.into()),
    }
}

/// Returns every list, each with rows that have equal sort keys.
async fn lists(app: &App) -> (Person, Vec<List>) {
    let ada = app.admin("ada").await;
    for name in ["bob", "Bob 2", "ann", "zoe", "Émile"] {
        app.user(name).await;
    }
    app.log_in(&ada).await;
    let project = app.project(&ada, "WEB", &[]).await;
    for key in ["LAB", "TOP", "OPS"] {
        app.project(&ada, key, &[]).await;
    }
    for n in 0..8 {
        let due = (n % 3 == 1).then(|| format!("2030-01-0{}T00:00:00Z", n / 2 + 1));
        let title = ["task b", "task", "Task b"][n % 3];
        let (status, priority) = (["todo", "in_progress", "done"][n % 3], ["low", "high"][n % 2]);
        let new = json!({
            "title": title, "project_id": id(&project), "due_at": due, "priority": priority, "status": status,
        });
        app.task(&ada, new).await;
    }
    let task =
        format!("/v1/tasks/{}", id(&app.task(&ada, json!({ "title": "task", "project_id": id(&project) })).await));
    for body in ["a", "b", "c"] {
        app.as_user(&ada).post(&format!("{task}/comments"), json!({ "body": body })).await.ok(201);
    }
    let mut paths = vec![
        ("/v1/users?".to_owned(), "id"),
        ("/v1/users/me/sessions?".into(), "id"),
        ("/v1/projects?".into(), "id"),
        (format!("/v1/projects/{}/members?", id(&project)), "user_id"),
        (format!("{task}/activity?"), "id"),
        (format!("{task}/comments?"), "id"),
        ("/v1/tasks?q=task".into(), "id"),
    ];
    for sort in
        ["created_at", "-due_at", "due_at", "-priority", "status", "updated_at", "title", "-priority,due_at,title"]
    {
        paths.push((format!("/v1/tasks?sort={sort}"), "id"));
    }
    let mut lists = Vec::new();
    for (path, field) in paths {
        let rows = app.walk(&ada, &path, 200, field).await;
        let mut cursors: Vec<String> = Vec::new();
        while cursors.len() + 1 < rows.len() {
            let after = cursors.last().map_or_else(String::new, |cursor| format!("&cursor={cursor}"));
            let page = app.as_user(&ada).get(&format!("{path}&limit=1{after}")).await.ok(200);
            cursors.push(text(&page["next_cursor"]).to_owned());
        }
        if !cursors.is_empty() {
            lists.push(List { path, field, rows, cursors });
        }
    }
    (ada, lists)
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn an_accepted_cursor_continues_to_the_end_without_repeats(db: PgPool) {
    let app = App::new(&db);
    let (ada, lists) = lists(&app).await;
    assert!(lists.len() > 12, "lists of more than a row");
    let forged = || (any::<Index>(), any::<Index>(), forgeries());
    holds(file!(), 1, forged, async move |(list, cursor, forgery): (Index, Index, Forgery)| {
        let list = list.get(&lists);
        let path =
            format!("{}&cursor={}", list.path, escaped(&forgery.of(&list.cursors[cursor.index(list.cursors.len())])));
        let reply = app.as_user(&ada).get(&format!("{path}&limit=2")).await;
        assert!(matches!(reply.status, 200 | 400), "{reply}");
        if reply.status == 200 {
            let mut rows: Vec<String> = Vec::new();
            let mut page = reply.body;
            loop {
                rows.extend(page["items"].as_array().unwrap().iter().map(|row| text(&row[list.field]).to_owned()));
                let Some(next) = page["next_cursor"].as_str() else { break };
                assert!(rows.len() < list.rows.len(), "pages without end: {path}");
                page = app.as_user(&ada).get(&format!("{}&limit=2&cursor={next}", list.path)).await.ok(200);
            }
            assert!(list.rows.ends_with(&rows), "{path}: {rows:?} is not the end of {:?}", list.rows);
        }
    })
    .await;
}

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use shared::db::PgPool;

use crate::support::{App, Person, id, text};

/// Returns every list with a cursor that it returned.
async fn lists(app: &App) -> (Person, Vec<(String, String)>) {
    let ada = app.admin("ada").await;
    app.log_in(&ada).await;
    app.user("bob").await;
    let ann = app.user("ann").await;
    let project = app.project(&ada, "WEB", &[&ann]).await;
    app.project(&ada, "LAB", &[]).await;
    let new = json!({ "title": "task", "project_id": id(&project) });
    let task = app.task(&ada, new.clone()).await;
    app.task(&ada, new).await;
    let at = format!("/v1/tasks/{}", id(&task));
    for body in ["a", "b"] {
        app.as_user(&ada).post(&format!("{at}/comments"), json!({ "body": body })).await.ok(201);
    }
    let mut paths = vec![
        "/v1/users?limit=1".to_owned(),
        "/v1/users/me/sessions?limit=1".into(),
        "/v1/projects?limit=1".into(),
        format!("/v1/projects/{}/members?limit=1", id(&project)),
        format!("{at}/activity?limit=1"),
        format!("{at}/comments?limit=1"),
        "/v1/tasks?limit=1&q=task".into(),
    ];
    for sort in [
        "created_at",
        "-created_at",
        "due_at",
        "-due_at",
        "priority",
        "status",
        "updated_at",
        "title",
        "-priority,due_at,title",
    ] {
        paths.push(format!("/v1/tasks?limit=1&sort={sort}"));
    }
    let mut lists = Vec::new();
    for path in paths {
        let page = app.as_user(&ada).get(&path).await.ok(200);
        lists.push((path, text(&page["next_cursor"]).to_owned()));
    }
    (ada, lists)
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn a_cursor_is_valid_only_for_its_list_and_order(db: PgPool) {
    let app = App::new(&db);
    let (ada, lists) = lists(&app).await;
    for (path, _) in &lists {
        for (from, cursor) in &lists {
            let status = if from == path { 200 } else { 400 };
            let reply = app.as_user(&ada).get(&format!("{path}&cursor={cursor}")).await;
            assert_eq!(reply.status, status, "the cursor of {from}: {reply}");
        }
    }
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn tampered_cursors_cause_no_server_error(db: PgPool) {
    let app = App::new(&db);
    let (ada, lists) = lists(&app).await;
    let client = app.as_user(&ada);
    let garbage =
        ["", "x", "!!!!", "AAAA", "bnVsbA", "e30", "W10", "%00", "eyJvIjoiIiwiayI6bnVsbH0", &"A".repeat(10_000)];
    for (path, cursor) in &lists {
        for garbage in garbage {
            client.get(&format!("{path}&cursor={garbage}")).await.ok(400);
        }
        for broken in [&cursor[1..], &cursor[..cursor.len() - 1], &format!("{cursor}A"), &format!("{cursor}%3D")] {
            let reply = client.get(&format!("{path}&cursor={broken}")).await;
            assert!(matches!(reply.status, 200 | 400), "{reply}");
        }
        let decoded: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(cursor).unwrap()).unwrap();
        for key in tampered(&decoded["k"]) {
            let forged = URL_SAFE_NO_PAD.encode(json!({ "o": decoded["o"], "k": key }).to_string());
            let reply = client.get(&format!("{path}&cursor={forged}")).await;
            assert!(matches!(reply.status, 200 | 400), "{key}: {reply}");
        }
    }
}

/// Returns the key with each of its values, and the whole key, replaced by each of these.
fn tampered(key: &Value) -> Vec<Value> {
    let junk = [
        json!(null),
        json!(1),
        json!({}),
        json!([]),
        json!([[], []]),
        json!(""),
        json!("a\u{0}b"),
        json!("infinity"),
        json!("-infinity"),
        json!("NaN"),
        json!("1e999"),
        json!("1e-999"),
        json!("now"),
        json!("epoch"),
        json!("2026-02-30"),
        json!("300000-01-01"),
        json!("4714-01-01 BC"),
        json!("2026-01-01 00:00 Mars/Olympus"),
        json!("2026-01-01 00:00+99:99"),
        json!("2026-01-01T24:00:01Z"),
        json!("todo"),
        json!("urgent"),
        json!("'"),
        json!("\u{fffe}\u{10ffff}"),
        json!("x".repeat(5_000)),
        json!("00000000-0000-0000-0000-000000000000"),
    ];
    let mut forged = junk.to_vec();
    for n in 0..key.as_array().map_or(0, Vec::len) {
        for junk in &junk {
            let mut changed = key.clone();
            changed[n] = junk.clone();
            forged.push(changed);
            if key[n].is_array() {
                let mut changed = key.clone();
                changed[n][0] = junk.clone();
                forged.push(changed);
            }
        }
    }
    forged
}

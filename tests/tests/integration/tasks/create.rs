use serde_json::{Value, json};
use shared::db::PgPool;

use crate::support::{App, id, text};

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn a_task_with_only_a_title_is_created_in_the_inbox(db: PgPool) {
    let app = App::new(&db);
    let ann = app.user("ann").await;
    let reply = app.as_user(&ann).post("/v1/tasks", json!({ "title": " Buy milk " })).await;
    let (location, etag) = (reply.header("location").to_owned(), reply.etag().to_owned());
    let task = reply.ok(201);
    assert_eq!((location.as_str(), etag.as_str()), (&*format!("/v1/tasks/{}", id(&task)), "\"1\""));

    let inbox: uuid::Uuid = app.one("SELECT id FROM projects").await;
    let mut expected = json!({
        "title": "Buy milk", "description": "", "status": "todo", "priority": "medium", "due_at": null, "assignee_id": null,
        "parent_id": null, "labels": [], "recurrence": null, "rank": "0000000001", "watching": false, "muted": false, "completed_at": null, "deleted_at": null,
        "version": 1, "created_by": ann.id, "project_id": inbox, "key": "IN1-1",
    });
    for field in ["id", "created_at", "updated_at"] {
        expected[field] = task[field].clone();
    }
    assert_eq!(task, expected);
    let shown = app.as_user(&ann).get(&location).await;
    assert_eq!(shown.etag(), "\"1\"");
    assert_eq!(shown.ok(200), task);
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn a_new_task_has_all_given_fields(db: PgPool) {
    let app = App::new(&db);
    let (mia, ann) = (app.manager("mia").await, app.user("ann").await);
    let project = app.project(&mia, "WEB", &[&ann]).await;
    let parent = app.task(&mia, json!({ "title": "Whole", "project_id": id(&project) })).await;
    let given = json!({
        "title": "Part", "description": "# Why\n\n\tBecause.", "project_id": id(&project), "assignee_id": ann.id, "status": "done",
        "priority": "urgent", "due_at": "2030-01-02T03:04:05.678901Z", "parent_id": id(&parent), "labels": ["b", "a", "ü 山"],
        "recurrence": { "rrule": "FREQ=WEEKLY;BYDAY=MO", "time_zone": "Europe/Berlin" },
    });
    let task = app.task(&mia, given.clone()).await;
    for (field, value) in given.as_object().unwrap() {
        assert_eq!(&task[field], value, "{field}");
    }
    assert_eq!((&task["key"], &task["created_by"]), (&json!("WEB-2"), &json!(mia.id)));
    assert!(task["completed_at"].is_string(), "it began as done");
    for name in [id(&task), "WEB-2", "web-2"] {
        assert_eq!(app.as_user(&ann).get(&format!("/v1/tasks/{name}")).await.ok(200), task);
    }
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn the_response_matches_what_was_stored(db: PgPool) {
    let app = App::new(&db);
    let ann = app.user("ann").await;
    // More precise than the database, in another zone, and a leap second.
    for due_at in ["2030-01-02T03:04:05.123456789Z", "2030-01-02T05:30:00+05:30", "2016-12-31T23:59:60Z"] {
        let new = json!({ "title": "Due", "due_at": due_at, "status": "done", "labels": [" a ", "a", "b"] });
        let task = app.task(&ann, new).await;
        assert_eq!(task["labels"], json!(["a", "b"]));
        assert!(text(&task["due_at"]).ends_with('Z'), "{task}");
        let at = format!("/v1/tasks/{}", id(&task));
        assert_eq!(app.as_user(&ann).get(&at).await.ok(200), task);
        let again = app.as_user(&ann).patch(&at, json!({ "due_at": due_at })).await;
        assert_eq!(again.etag(), "\"1\"", "what already is so is no change");
        let moved = app
            .as_user(&ann)
            .patch(&at, json!({ "due_at": "2031-01-01T00:00:00.1234567Z", "status": "todo" }))
            .await
            .ok(200);
        assert_eq!(app.as_user(&ann).get(&at).await.ok(200), moved);
        let done = app.as_user(&ann).put(&format!("{at}/status"), json!({ "status": "done" })).await.ok(200);
        assert_eq!(app.as_user(&ann).get(&at).await.ok(200), done);
    }
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn field_limits_match_the_contract(db: PgPool) {
    let app = App::new(&db);
    let ann = app.user("ann").await;
    let labels = |count: usize, length: usize| -> Value { (0..count).map(|n| format!("{n:0length$}")).collect() };
    // Characters, not bytes.
    let largest = json!({ "title": "山".repeat(200), "description": "é".repeat(20_000), "labels": labels(20, 40) });
    let task = app.task(&ann, largest.clone()).await;
    assert_eq!(app.as_user(&ann).get(&format!("/v1/tasks/{}", text(&task["key"]))).await.ok(200), task);

    let before = app.fingerprint().await;
    let wrong = [
        (json!({ "title": "" }), vec!["/title"]),
        (json!({ "title": " \u{2003} " }), vec!["/title"]),
        (json!({ "title": "a\nb" }), vec!["/title"]),
        (
            json!({ "title": "x".repeat(201), "description": "x".repeat(20_001), "labels": labels(21, 2) }),
            vec!["/description", "/labels", "/title"],
        ),
        (
            json!({ "title": "x", "labels": ["", "ok", "x".repeat(41), 7, null, "a\tb"] }),
            vec!["/labels/0", "/labels/2", "/labels/3", "/labels/4", "/labels/5"],
        ),
        (
            json!({ "title": "x", "status": "started", "priority": 3, "due_at": "tomorrow", "assignee_id": "me" }),
            vec!["/assignee_id", "/due_at", "/priority", "/status"],
        ),
        (json!({ "title": "x", "due_at": "0001-01-01T00:00:00Z" }), vec!["/due_at"]),
        (
            json!({ "title": "x", "recurrence": { "rrule": "weekly", "time_zone": "Nowhere", "until": 1 } }),
            vec!["/recurrence/rrule", "/recurrence/time_zone", "/recurrence/until"],
        ),
        (json!({ "title": "x", "recurrence": { "rrule": "FREQ=DAILY" } }), vec!["/recurrence/time_zone"]),
        (json!({ "title": "x", "id": 1, "version": 2, "a/b~c": 3 }), vec!["/a~1b~0c", "/id", "/version"]),
        (json!({}), vec!["/title"]),
    ];
    for (body, pointers) in wrong {
        app.as_user(&ann).post("/v1/tasks", body).await.wrong(&pointers);
    }
    assert_eq!(app.fingerprint().await, before);
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn project_assignee_and_parent_of_a_new_task_are_checked(db: PgPool) {
    let app = App::new(&db);
    let (mia, ann, bob) = (app.manager("mia").await, app.user("ann").await, app.user("bob").await);
    let (web, app_) = (app.project(&mia, "WEB", &[&ann]).await, app.project(&mia, "APP", &[]).await);
    let elsewhere = app.task(&mia, json!({ "title": "Elsewhere", "project_id": id(&app_) })).await;
    let before = app.fingerprint().await;
    let wrong = [
        (json!({ "title": "x", "project_id": id(&app_) }), "/project_id"),
        (json!({ "title": "x", "project_id": uuid::Uuid::now_v7() }), "/project_id"),
        (json!({ "title": "x", "project_id": id(&web), "assignee_id": bob.id }), "/assignee_id"),
        (json!({ "title": "x", "assignee_id": mia.id }), "/assignee_id"),
        (json!({ "title": "x", "project_id": id(&web), "parent_id": id(&elsewhere) }), "/parent_id"),
        (json!({ "title": "x", "project_id": id(&web), "parent_id": uuid::Uuid::now_v7() }), "/parent_id"),
    ];
    for (body, pointer) in wrong {
        app.as_user(&ann).post("/v1/tasks", body).await.wrong(&[pointer]);
    }
    assert_eq!(app.fingerprint().await, before);
    let mine = app.task(&ann, json!({ "title": "x", "assignee_id": ann.id })).await;
    assert_eq!(mine["assignee_id"], json!(ann.id), "one's Inbox is one's own");
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn concurrent_creations_get_consecutive_numbers(db: PgPool) {
    let app = App::new(&db);
    let mia = app.manager("mia").await;
    let project = app.project(&mia, "WEB", &[]).await;
    let client = app.as_user(&mia);
    let new = json!({ "title": "x", "project_id": id(&project) });
    let make = || client.post("/v1/tasks", new.clone());
    let replies: [_; 4] = tokio::join!(make(), make(), make(), make()).into();
    let mut keys: Vec<_> = replies.into_iter().map(|reply| text(&reply.ok(201)["key"]).to_owned()).collect();
    keys.sort_unstable();
    assert_eq!(keys, ["WEB-1", "WEB-2", "WEB-3", "WEB-4"]);
    // A refused creation leaves no gap.
    app.as_user(&mia)
        .post("/v1/tasks", json!({ "title": "x", "project_id": id(&project), "parent_id": uuid::Uuid::now_v7() }))
        .await
        .ok(422);
    assert_eq!(app.task(&mia, new.clone()).await["key"], "WEB-5");
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn a_revoked_session_creates_no_task(db: PgPool) {
    let app = App::new(&db);
    let ann = app.admin("ann").await;
    let parent = app.task(&ann, json!({ "title": "Whole" })).await;
    let created = json!({ "title": "Was created before" });
    app.as_user(&ann).idempotency_key("used").post("/v1/tasks", created.clone()).await.ok(201);
    app.sql("UPDATE sessions SET revoked_at = now()").await;
    let before = app.fingerprint().await;
    let part = json!({ "title": "Part", "parent_id": id(&parent) });
    let elsewhere = json!({ "title": "x", "project_id": uuid::Uuid::now_v7() });
    for (key, body) in [
        (None, created.clone()),
        (Some("used"), created.clone()),
        (Some("new"), created),
        (None, part),
        (None, elsewhere),
    ] {
        let client = app.as_user(&ann);
        let client = match key {
            Some(key) => client.idempotency_key(key),
            None => client,
        };
        let reply = client.post("/v1/tasks", body.clone()).await;
        assert_eq!(reply.status, 401, "{key:?}, {body}: {reply}");
        assert_eq!(reply.header("www-authenticate"), "Bearer");
    }
    assert_eq!(app.fingerprint().await, before);
}

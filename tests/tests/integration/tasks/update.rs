use serde_json::{Value, json};
use shared::db::PgPool;

use crate::support::{App, Person, id};

/// Creates a task with a value in every field that can be cleared.
async fn full(app: &App) -> (Person, Value, String) {
    let mia = app.manager("mia").await;
    let project = app.project(&mia, "WEB", &[]).await;
    let parent = app.task(&mia, json!({ "title": "Whole", "project_id": id(&project) })).await;
    let new = json!({
        "title": "Part", "description": "Words", "project_id": id(&project), "assignee_id": mia.id, "priority": "high",
        "due_at": "2030-01-02T03:04:05Z", "parent_id": id(&parent), "labels": ["a", "b"],
        "recurrence": { "rrule": "FREQ=DAILY", "time_zone": "UTC" },
    });
    let task = app.task(&mia, new).await;
    let at = format!("/v1/tasks/{}", id(&task));
    (mia, task, at)
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn fields_change_separately_and_null_clears(db: PgPool) {
    let app = App::new(&db);
    let (mia, mut task, at) = full(&app).await;
    let recurrence = json!({ "rrule": "FREQ=WEEKLY", "time_zone": "Europe/Berlin" });
    let steps = [
        ("title", json!("New"), json!("New")),
        ("description", json!("More"), json!("More")),
        ("status", json!("in_progress"), json!("in_progress")),
        ("priority", json!("low"), json!("low")),
        ("due_at", json!("2031-01-01T01:00:00+01:00"), json!("2031-01-01T00:00:00Z")),
        ("labels", json!(["c", " c", "a"]), json!(["c", "a"])),
        ("recurrence", recurrence.clone(), recurrence),
        ("description", json!(null), json!("")),
        ("assignee_id", json!(null), json!(null)),
        ("parent_id", json!(null), json!(null)),
        ("labels", json!(null), json!([])),
        ("recurrence", json!(null), json!(null)),
        ("due_at", json!(null), json!(null)),
    ];
    for (n, (field, sent, expected)) in steps.into_iter().enumerate() {
        let reply = app.as_user(&mia).patch(&at, json!({ field: sent })).await;
        assert_eq!(reply.etag(), format!("\"{}\"", n + 2), "{field}");
        let changed = reply.ok(200);
        task[field] = expected;
        task["version"] = json!(n + 2);
        task["updated_at"] = changed["updated_at"].clone();
        assert_eq!(changed, task, "{field}");
        assert_eq!(app.as_user(&mia).get(&at).await.ok(200), task, "{field}");
    }
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn a_change_to_the_current_value_is_no_change(db: PgPool) {
    let app = App::new(&db);
    let (mia, task, at) = full(&app).await;
    let before = app.fingerprint().await;
    let fields = [
        "title",
        "description",
        "status",
        "priority",
        "due_at",
        "assignee_id",
        "parent_id",
        "labels",
        "recurrence",
        "project_id",
    ];
    let same: Value = fields.iter().map(|field| ((*field).to_owned(), task[field].clone())).collect();
    for (path, body) in [
        (at.clone(), same),
        (at.clone(), json!({})),
        (format!("{at}/status"), json!({ "status": "todo" })),
        (format!("{at}/assignee"), json!({ "assignee_id": mia.id })),
    ] {
        let method = if path == at { "PATCH" } else { "PUT" };
        let reply = app.as_user(&mia).send(method, &path, Some(body)).await;
        assert_eq!(reply.etag(), "\"1\"");
        assert_eq!(reply.ok(200), task);
    }
    assert_eq!(app.fingerprint().await, before);
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn an_invalid_change_is_refused_as_a_whole(db: PgPool) {
    let app = App::new(&db);
    let (mia, _, at) = full(&app).await;
    let before = app.fingerprint().await;
    let wrong = [
        (
            json!({ "title": null, "status": null, "priority": null, "project_id": null }),
            vec!["/priority", "/project_id", "/status", "/title"],
        ),
        (json!({ "title": "good", "due_at": "never", "labels": [" "] }), vec!["/due_at", "/labels/0"]),
        (
            json!({ "title": "good", "version": 9, "key": "WEB-9", "created_by": mia.id }),
            vec!["/created_by", "/key", "/version"],
        ),
        (json!({ "title": "good", "assignee_id": uuid::Uuid::now_v7() }), vec!["/assignee_id"]),
        (json!({ "title": "good", "recurrence": {} }), vec!["/recurrence/rrule", "/recurrence/time_zone"]),
        (json!([{ "op": "replace" }]), vec![""]),
    ];
    for (body, pointers) in wrong {
        app.as_user(&mia).patch(&at, body).await.wrong(&pointers);
    }
    app.as_user(&mia).put(&format!("{at}/status"), json!({})).await.wrong(&["/status"]);
    app.as_user(&mia).put(&format!("{at}/assignee"), json!({})).await.wrong(&["/assignee_id"]);
    app.as_user(&mia).put(&format!("{at}/assignee"), json!({ "assignee_id": "me" })).await.wrong(&["/assignee_id"]);
    assert_eq!(app.fingerprint().await, before);
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn a_stale_if_match_answers_with_the_current_state(db: PgPool) {
    let app = App::new(&db);
    let (mia, _, at) = full(&app).await;
    let now = app.as_user(&mia).if_match("\"1\"").patch(&at, json!({ "title": "New" })).await.ok(200);
    let before = app.fingerprint().await;
    let requests = [
        ("PATCH", at.clone(), Some(json!({ "title": "Newer" }))),
        ("PATCH", at.clone(), Some(json!({}))),
        ("PUT", format!("{at}/status"), Some(json!({ "status": "done" }))),
        ("PUT", format!("{at}/assignee"), Some(json!({ "assignee_id": null }))),
        ("DELETE", at.clone(), None),
    ];
    for (method, path, body) in requests {
        for etag in ["\"1\"", "\"3\"", "nonsense", "\"1\", \"9\""] {
            let stale = app.as_user(&mia).if_match(etag).send(method, &path, body.clone()).await;
            assert_eq!((stale.etag(), &stale.body["current"]), ("\"2\"", &now), "{stale}");
            stale.ok(412);
        }
    }
    assert_eq!(app.fingerprint().await, before);
    app.as_user(&mia).if_match("\"2\"").put(&format!("{at}/status"), json!({ "status": "done" })).await.ok(200);
    app.as_user(&mia).if_match("\"3\"").put(&format!("{at}/assignee"), json!({ "assignee_id": null })).await.ok(200);
    app.as_user(&mia).if_match("\"4\"").delete(&at).await.ok(204);
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn concurrent_updates_succeed_except_under_if_match(db: PgPool) {
    let app = App::new(&db);
    let (mia, _, at) = full(&app).await;
    let client = app.as_user(&mia);
    let (one, other) =
        tokio::join!(client.patch(&at, json!({ "title": "New" })), client.patch(&at, json!({ "priority": "urgent" })));
    one.ok(200);
    other.ok(200);
    let task = client.get(&at).await.ok(200);
    assert_eq!((&task["title"], &task["priority"], &task["version"]), (&json!("New"), &json!("urgent"), &json!(3)));

    let client = client.if_match("\"3\"");
    let (one, other) =
        tokio::join!(client.patch(&at, json!({ "title": "One" })), client.patch(&at, json!({ "title": "Other" })));
    let mut statuses = [one.status, other.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 412]);
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn a_completed_task_can_be_reopened(db: PgPool) {
    let app = App::new(&db);
    let (mia, _, at) = full(&app).await;
    for (status, completed) in
        [("in_progress", false), ("done", true), ("cancelled", false), ("done", true), ("todo", false)]
    {
        let task = app.as_user(&mia).put(&format!("{at}/status"), json!({ "status": status })).await.ok(200);
        assert_eq!((&task["status"], task["completed_at"].is_string()), (&json!(status), completed));
        assert_eq!(app.as_user(&mia).get(&at).await.ok(200), task);
    }
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn only_members_can_be_assigned(db: PgPool) {
    let app = App::new(&db);
    let (mia, ann, bob) = (app.manager("mia").await, app.user("ann").await, app.user("bob").await);
    let project = app.project(&mia, "WEB", &[&ann]).await;
    let task = app.task(&mia, json!({ "title": "x", "project_id": id(&project) })).await;
    let at = format!("/v1/tasks/{}/assignee", id(&task));
    for (assignee, status) in
        [(json!(ann.id), 200), (json!(bob.id), 422), (json!(uuid::Uuid::now_v7()), 422), (json!(null), 200)]
    {
        let reply = app.as_user(&mia).put(&at, json!({ "assignee_id": assignee })).await;
        if status == 422 {
            reply.wrong(&["/assignee_id"]);
        } else {
            assert_eq!(reply.ok(200)["assignee_id"], assignee);
        }
    }
}

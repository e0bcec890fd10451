use serde_json::{Value, json};
use shared::db::PgPool;

use crate::support::{App, Person, Reply, id};

/// Returns each endpoint that creates something: its path, a body, another body, and the table that it writes to.
async fn endpoints(app: &App, mia: &Person, ann: &Person) -> Vec<(String, Value, Value, &'static str)> {
    let project = app.project(mia, "WEB", &[ann]).await;
    let task = app.task(mia, json!({ "title": "x", "project_id": id(&project) })).await;
    vec![
        (
            "/v1/tasks".into(),
            json!({ "title": "one", "project_id": id(&project) }),
            json!({ "title": "other" }),
            "tasks",
        ),
        (format!("/v1/tasks/{}/comments", id(&task)), json!({ "body": "one" }), json!({ "body": "other" }), "comments"),
        (
            "/v1/projects".into(),
            json!({ "key": "ONE", "name": "one" }),
            json!({ "key": "OTHER", "name": "other" }),
            "projects",
        ),
    ]
}

fn essence(reply: &Reply) -> (u16, String, String, String, Value) {
    let header = |name| reply.header(name).to_owned();
    (reply.status, header("location"), header("etag"), header("content-type"), reply.body.clone())
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn a_repeated_request_creates_once(db: PgPool) {
    let app = App::new(&db);
    let (mia, eve) = (app.manager("mia").await, app.admin("eve").await);
    for (path, body, other, table) in endpoints(&app, &mia, &eve).await {
        let client = app.as_user(&mia).idempotency_key(&format!("key of {table}"));
        let first = client.post(&path, body.clone()).await;
        assert_eq!(first.status, 201, "{first}");
        let before = app.fingerprint().await;
        assert_eq!(essence(&client.post(&path, body.clone()).await), essence(&first));
        client.post(&path, other.clone()).await.wrong(&[""]);
        client.post("/v1/tasks", json!({ "title": "elsewhere" })).await.wrong(&[""]);
        assert_eq!(app.fingerprint().await, before);

        // The same key of another person is independent, and so is another key.
        let another = app.as_user(&eve).idempotency_key(&format!("key of {table}")).post(&path, other).await.ok(201);
        assert_ne!(another["id"], first.body["id"]);
        if table != "projects" {
            let again = app.as_user(&mia).idempotency_key("a second one").post(&path, body).await;
            assert_ne!(again.body["id"], first.body["id"]);
            app.sql("DELETE FROM idempotency_keys WHERE key = 'a second one'").await;
        }
    }
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn concurrent_requests_with_one_key_create_once(db: PgPool) {
    let app = App::new(&db);
    let (mia, ann) = (app.manager("mia").await, app.user("ann").await);
    for (path, body, other, table) in endpoints(&app, &mia, &ann).await {
        let before = app.count(table).await;
        let client = app.as_user(&mia).idempotency_key("k");
        let (one, other_one) = tokio::join!(client.post(&path, body.clone()), client.post(&path, body.clone()));
        assert_eq!(essence(&one), essence(&other_one));
        one.ok(201);
        assert_eq!(app.count(table).await, before + 1);
        app.sql("DELETE FROM idempotency_keys").await;

        let (one, different) = tokio::join!(
            client.post(&path, other.clone()),
            client.post(&path, json!({ "title": "z", "body": "z", "key": "ZZ", "name": "z" }))
        );
        assert_eq!((one.status, different.status), (201, 422));
        app.sql("DELETE FROM idempotency_keys").await;
    }
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn a_key_is_free_after_a_refusal_and_after_a_day(db: PgPool) {
    let app = App::new(&db);
    let ann = app.user("ann").await;
    let client = app.as_user(&ann).idempotency_key("k");
    client.post("/v1/tasks", json!({ "title": "x", "assignee_id": uuid::Uuid::now_v7() })).await.ok(422);
    client.post("/v1/tasks", json!({ "title": "" })).await.ok(422);
    let first = client.post("/v1/tasks", json!({ "title": "x" })).await.ok(201);
    app.sql("UPDATE idempotency_keys SET created_at = created_at - interval '24 hours'").await;
    let next_day = client.post("/v1/tasks", json!({ "title": "y" })).await.ok(201);
    assert_ne!(next_day["id"], first["id"]);
    assert_eq!(client.post("/v1/tasks", json!({ "title": "y" })).await.ok(201), next_day);

    for key in ["", "a\tb", &"k".repeat(256)] {
        app.as_user(&ann).idempotency_key(key).post("/v1/tasks", json!({ "title": "x" })).await.ok(400);
    }
    app.as_user(&ann).idempotency_key(&"k".repeat(255)).post("/v1/tasks", json!({ "title": "x" })).await.ok(201);
}

/// The keys that the previous release stored are found by these names.
#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn a_stored_key_contains_its_operation(db: PgPool) {
    let app = App::new(&db);
    let mia = app.manager("mia").await;
    let task = app.task(&mia, json!({ "title": "x" })).await;
    let (from, to) = ("2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z");
    let comment = format!("create-comment {}", id(&task));
    for (operation, path, body) in [
        ("create-task", "/v1/tasks".to_owned(), json!({ "title": "one" })),
        (&*comment, format!("/v1/tasks/{}/comments", id(&task)), json!({ "body": "one" })),
        ("create-project", "/v1/projects".into(), json!({ "key": "ONE", "name": "one" })),
        ("create-report", "/v1/reports".into(), json!({ "kind": "overdue", "from": from, "to": to, "format": "json" })),
        (
            "create-report-subscription",
            "/v1/report-subscriptions".into(),
            json!({ "kind": "overdue", "format": "json" }),
        ),
    ] {
        let reply = app.as_user(&mia).idempotency_key(operation).post(&path, body).await;
        assert!(reply.status < 300, "{reply}");
        let stored: String =
            app.one(&format!("SELECT operation FROM idempotency_keys WHERE key = '{operation}'")).await;
        assert_eq!(stored, operation);
    }
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn an_invalid_stored_response_answers_500(db: PgPool) {
    let app = App::new(&db);
    let client = app.as_user(&app.user("ann").await).idempotency_key("k");
    client.post("/v1/tasks", json!({ "title": "one" })).await.ok(201);
    for status in [-1, 0, 1000] {
        app.sql(&format!("UPDATE idempotency_keys SET status = {status}")).await;
        client.post("/v1/tasks", json!({ "title": "one" })).await.ok(500);
    }
}

use serde_json::json;
use shared::db::PgPool;

use crate::support::{App, each, id, text};

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn comments_are_created_changed_and_deleted(db: PgPool) {
    let app = App::new(&db);
    let (mia, ann) = (app.manager("mia").await, app.user("ann").await);
    let project = app.project(&mia, "WEB", &[&ann]).await;
    let task = app.task(&mia, json!({ "title": "x", "project_id": id(&project) })).await;
    let reply = app.as_user(&ann).post("/v1/tasks/WEB-1/comments", json!({ "body": "# Hi\n\t@[Mia](user:0)" })).await;
    let (location, etag) = (reply.header("location").to_owned(), reply.etag().to_owned());
    let comment = reply.ok(201);
    assert_eq!((location.as_str(), etag.as_str()), (&*format!("/v1/comments/{}", id(&comment)), "\"1\""));
    let mut expected =
        json!({ "task_id": task["id"], "author_id": ann.id, "body": "# Hi\n\t@[Mia](user:0)", "version": 1 });
    for field in ["id", "created_at", "updated_at"] {
        expected[field] = comment[field].clone();
    }
    assert_eq!(comment, expected);

    let reply = app.as_user(&ann).if_match("\"1\"").patch(&location, json!({ "body": "Hello" })).await;
    assert_eq!(reply.etag(), "\"2\"");
    let changed = reply.ok(200);
    (expected["body"], expected["version"], expected["updated_at"]) =
        (json!("Hello"), json!(2), changed["updated_at"].clone());
    assert_eq!(changed, expected);
    assert_eq!(app.as_user(&ann).patch(&location, json!({ "body": "Hello" })).await.etag(), "\"2\"");
    let before = app.fingerprint().await;
    for (method, body) in [("PATCH", Some(json!({ "body": "x" }))), ("DELETE", None)] {
        let stale = app.as_user(&ann).if_match("\"1\"").send(method, &location, body).await;
        assert_eq!(stale.ok(412)["current"], expected);
    }
    assert_eq!(app.fingerprint().await, before);
    app.as_user(&ann).if_match("\"2\"").delete(&location).await.ok(204);
    app.as_user(&ann).delete(&location).await.ok(404);
    assert_eq!(each(&app.as_user(&mia).get("/v1/tasks/WEB-1/comments").await.ok(200), "id").len(), 0);
    assert_eq!(app.as_user(&mia).get("/v1/tasks/WEB-1").await.ok(200)["version"], 1, "the task is as it was");
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn the_event_of_a_comment_lists_the_mentioned_users(db: PgPool) {
    let app = App::new(&db);
    let (ann, bob) = (app.user("ann").await, app.user("bob").await);
    let task = app.task(&ann, json!({ "title": "x" })).await;
    let body = format!("@[Bob](user:{0}) and again @[Bob](user:{0}), not @bob", bob.id);
    let comment =
        app.as_user(&ann).post(&format!("/v1/tasks/{}/comments", id(&task)), json!({ "body": body })).await.ok(201);
    let told = format!(
        "outbox WHERE payload @> jsonb_build_object('kind', 'commented', 'comment_id', '{}', 'mentioned', jsonb_build_array('{}'))",
        id(&comment),
        bob.id,
    );
    assert_eq!(app.count(&told).await, 1);
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn comments_are_paged_oldest_first(db: PgPool) {
    let app = App::new(&db);
    let ann = app.user("ann").await;
    let task = app.task(&ann, json!({ "title": "x" })).await;
    let at = format!("/v1/tasks/{}/comments", id(&task));
    for body in ["a", "b", "c", "d", "e"] {
        app.as_user(&ann).post(&at, json!({ "body": body })).await.ok(201);
    }
    let one = app.as_user(&ann).get(&format!("{at}?limit=2")).await.ok(200);
    assert_eq!(each(&one, "body"), ["a", "b"]);
    app.as_user(&ann).delete(&format!("/v1/comments/{}", id(&one["items"][1]))).await.ok(204);
    app.as_user(&ann).post(&at, json!({ "body": "f" })).await.ok(201);
    let two = app.as_user(&ann).get(&format!("{at}?limit=4&cursor={}", text(&one["next_cursor"]))).await.ok(200);
    assert_eq!(each(&two, "body"), ["c", "d", "e", "f"]);
    assert!(two["next_cursor"].is_null());
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn empty_and_overlong_comments_are_refused(db: PgPool) {
    let app = App::new(&db);
    let ann = app.user("ann").await;
    let task = app.task(&ann, json!({ "title": "x" })).await;
    let at = format!("/v1/tasks/{}/comments", id(&task));
    let comment = app.as_user(&ann).post(&at, json!({ "body": "é".repeat(20_000) })).await.ok(201);
    let before = app.fingerprint().await;
    for body in [json!(""), json!("x".repeat(20_001)), json!("a\u{0}b"), json!(null), json!(1)] {
        app.as_user(&ann).post(&at, json!({ "body": body })).await.wrong(&["/body"]);
        app.as_user(&ann)
            .patch(&format!("/v1/comments/{}", id(&comment)), json!({ "body": body }))
            .await
            .wrong(&["/body"]);
    }
    app.as_user(&ann).post(&at, json!({ "text": "x" })).await.wrong(&["/body", "/text"]);
    assert_eq!(app.fingerprint().await, before);
}

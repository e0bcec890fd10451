//! Changes of an account beside changes of tasks, and labels beside a completion: each with one of the two stopped in its middle.

use std::sync::Arc;

use serde_json::json;
use shared::db::PgPool;
use sqlx::{AssertSqlSafe, Postgres, Transaction};
use tokio::task::JoinHandle;

use crate::support::{App, Person, id, waiting};

/// Locks what a request needs later, so that it stops there.
async fn gate(db: &PgPool, lock: &str) -> Transaction<'static, Postgres> {
    let mut gate = db.begin().await.unwrap();
    sqlx::query(AssertSqlSafe(lock)).execute(&mut *gate).await.unwrap();
    gate
}

/// Sends a request at the same time as others, and answers its status.
fn sent(app: &Arc<App>, person: &Person, method: &str, path: String, body: serde_json::Value) -> JoinHandle<u16> {
    let (client, method) = (app.as_(person), method.to_owned());
    tokio::spawn(async move { client.send(&method, &path, Some(body)).await.status })
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn who_is_demoted_watches_no_next_occurrence(db: PgPool) {
    let app = Arc::new(App::new(&db));
    let (one, two, mia) = (app.admin("one").await, app.admin("two").await, app.manager("mia").await);
    let web = app.project(&mia, "WEB", &[]).await;
    let recurrence = json!({ "rrule": "FREQ=DAILY", "time_zone": "UTC" });
    let new =
        json!({ "title": "x", "project_id": id(&web), "due_at": "2040-01-01T00:00:00Z", "recurrence": recurrence });
    let at = format!("/v1/tasks/{}", id(&app.task(&mia, new).await));
    app.as_(&two).put(&format!("{at}/watchers/me"), None).await.ok(204);

    let gate = gate(&db, "LOCK TABLE occurrences IN SHARE MODE").await;
    let done = sent(&app, &mia, "PUT", format!("{at}/status"), json!({ "status": "done" }));
    waiting(&db, 1).await;
    let demoted = sent(&app, &one, "PATCH", format!("/v1/users/{}", two.id), json!({ "role": "user" }));
    waiting(&db, 2).await;
    gate.rollback().await.unwrap();
    assert_eq!((done.await.unwrap(), demoted.await.unwrap()), (200, 200));
    for table in ["watchers", "reminders"] {
        assert_eq!(app.count(&format!("{table} WHERE user_id = '{}'", two.id)).await, 0, "{table}");
    }
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn a_demotion_leaves_the_reminders_of_others_alone(db: PgPool) {
    let app = Arc::new(App::new(&db));
    let (one, two) = (app.admin("one").await, app.admin("two").await);
    let (mia, ann) = (app.manager("mia").await, app.user("ann").await);
    let web = app.project(&mia, "WEB", &[&ann]).await;
    let new = json!({ "title": "x", "project_id": id(&web), "assignee_id": ann.id, "due_at": "2040-01-01T00:00:00Z" });
    let at = format!("/v1/tasks/{}", id(&app.task(&mia, new).await));
    app.as_(&two).put(&format!("{at}/watchers/me"), None).await.ok(204);

    let gate = gate(&db, "LOCK TABLE activity IN SHARE MODE").await;
    let edited = sent(&app, &mia, "PATCH", at, json!({ "due_at": "2030-01-01T00:00:00Z" }));
    waiting(&db, 1).await;
    let demoted = sent(&app, &one, "PATCH", format!("/v1/users/{}", two.id), json!({ "role": "user" }));
    waiting(&db, 2).await;
    gate.rollback().await.unwrap();
    assert_eq!((edited.await.unwrap(), demoted.await.unwrap()), (200, 200));
    let due = "SELECT string_agg(user_id || ' ' || extract(year FROM due_at), ',') FROM reminders";
    assert_eq!(app.one::<String>(due).await, format!("{} 2030", ann.id));
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn a_move_and_a_change_of_an_account_do_not_wait_for_each_other(db: PgPool) {
    let app = Arc::new(App::new(&db));
    let old = app.user("old").await;
    let (one, last, mia) = (app.admin("one").await, app.admin("last").await, app.manager("mia").await);
    let web = app.project(&mia, "WEB", &[&old]).await;
    let lab = app.project(&mia, "LAB", &[&old]).await;
    let at = format!("/v1/tasks/{}", id(&app.task(&mia, json!({ "title": "x", "project_id": id(&web) })).await));
    for person in [&old, &one] {
        app.as_(person).put(&format!("{at}/watchers/me"), None).await.ok(204);
    }
    let gate = gate(&db, &format!("SELECT FROM users WHERE id = '{}' FOR UPDATE", last.id)).await;
    let renamed = sent(&app, &one, "PATCH", format!("/v1/users/{}", old.id), json!({ "name": "Renamed" }));
    waiting(&db, 1).await;
    let moved = sent(&app, &mia, "PATCH", at, json!({ "project_id": id(&lab) }));
    waiting(&db, 2).await;
    gate.rollback().await.unwrap();
    assert_eq!((renamed.await.unwrap(), moved.await.unwrap()), (200, 200));
    let deadlocks = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()";
    assert_eq!(app.one::<i64>(deadlocks).await, 0);
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn a_new_label_is_written_by_a_completion_and_a_creation_at_once(db: PgPool) {
    let app = Arc::new(App::new(&db));
    let mia = app.manager("mia").await;
    let web = app.project(&mia, "WEB", &[]).await;
    let recurrence = json!({ "rrule": "FREQ=DAILY", "time_zone": "UTC" });
    let new =
        json!({ "title": "x", "project_id": id(&web), "due_at": "2040-01-01T00:00:00Z", "recurrence": recurrence });
    let at = format!("/v1/tasks/{}", id(&app.task(&mia, new).await));

    let gate = gate(&db, "LOCK TABLE activity IN SHARE MODE").await;
    let done = sent(&app, &mia, "PATCH", at, json!({ "status": "done", "labels": ["new"] }));
    waiting(&db, 1).await;
    let new = json!({ "title": "y", "project_id": id(&web), "labels": ["new"] });
    let created = sent(&app, &mia, "POST", "/v1/tasks".into(), new);
    waiting(&db, 2).await;
    gate.rollback().await.unwrap();
    assert_eq!((done.await.unwrap(), created.await.unwrap()), (200, 201));
}

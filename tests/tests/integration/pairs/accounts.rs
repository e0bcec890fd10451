//! Pairs of concurrent requests that change accounts, tasks or labels, or that are counted. One of the two is stopped
//! in the middle.

use std::{sync::Arc, time::Duration};

use serde_json::json;
use shared::db::{self, PgPool};
use sqlx::{AssertSqlSafe, Postgres, Transaction, postgres::PgConnectOptions};
use tokio::task::JoinHandle;

use crate::support::{App, Person, id, waiting};

/// Takes a lock that stops a request in the middle.
async fn gate(db: &PgPool, lock: &str) -> Transaction<'static, Postgres> {
    let mut gate = db.begin().await.unwrap();
    sqlx::query(AssertSqlSafe(lock)).execute(&mut *gate).await.unwrap();
    gate
}

/// Sends a request in the background. Returns its status.
fn sent(app: &Arc<App>, person: &Person, method: &str, path: String, body: serde_json::Value) -> JoinHandle<u16> {
    let (client, method) = (app.as_user(person), method.to_owned());
    tokio::spawn(async move { client.send(&method, &path, Some(body)).await.status })
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn a_demoted_administrator_does_not_watch_the_next_occurrence(db: PgPool) {
    let app = Arc::new(App::new(&db));
    let (one, two, mia) = (app.admin("one").await, app.admin("two").await, app.manager("mia").await);
    let web = app.project(&mia, "WEB", &[]).await;
    let recurrence = json!({ "rrule": "FREQ=DAILY", "time_zone": "UTC" });
    let new =
        json!({ "title": "x", "project_id": id(&web), "due_at": "2040-01-01T00:00:00Z", "recurrence": recurrence });
    let at = format!("/v1/tasks/{}", id(&app.task(&mia, new).await));
    app.as_user(&two).put(&format!("{at}/watchers/me"), None).await.ok(204);

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
async fn a_demotion_keeps_the_reminders_of_others(db: PgPool) {
    let app = Arc::new(App::new(&db));
    let (one, two) = (app.admin("one").await, app.admin("two").await);
    let (mia, ann) = (app.manager("mia").await, app.user("ann").await);
    let web = app.project(&mia, "WEB", &[&ann]).await;
    let new = json!({ "title": "x", "project_id": id(&web), "assignee_id": ann.id, "due_at": "2040-01-01T00:00:00Z" });
    let at = format!("/v1/tasks/{}", id(&app.task(&mia, new).await));
    app.as_user(&two).put(&format!("{at}/watchers/me"), None).await.ok(204);

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
async fn a_move_and_an_account_change_do_not_deadlock(db: PgPool) {
    let app = Arc::new(App::new(&db));
    let old = app.user("old").await;
    let (one, last, mia) = (app.admin("one").await, app.admin("last").await, app.manager("mia").await);
    let web = app.project(&mia, "WEB", &[&old]).await;
    let lab = app.project(&mia, "LAB", &[&old]).await;
    let at = format!("/v1/tasks/{}", id(&app.task(&mia, json!({ "title": "x", "project_id": id(&web) })).await));
    for person in [&old, &one] {
        app.as_user(person).put(&format!("{at}/watchers/me"), None).await.ok(204);
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
async fn concurrent_completion_and_creation_share_a_new_label(db: PgPool) {
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

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn a_move_and_a_change_of_offsets_lock_reminders_in_one_order(db: PgPool) {
    // A deadlock must show, and not be broken and retried.
    let options = PgConnectOptions::clone(&db.connect_options()).options([("deadlock_timeout", "1h")]);
    let app = Arc::new(App::with(&db, |parts| parts.db = db::pool(options, 4).into()));
    let (mia, ann) = (app.manager("mia").await, app.user("ann").await);
    let web = app.project(&mia, "WEB", &[&ann]).await;
    let lab = app.project(&mia, "LAB", &[&ann]).await;
    let new = |parent: Option<&str>| json!({ "title": "x", "project_id": id(&web), "assignee_id": ann.id, "due_at": "2040-01-01T00:00:00Z", "parent_id": parent });
    let whole = app.task(&mia, new(None)).await;
    let part = app.task(&mia, new(Some(id(&whole)))).await;

    // The reminder of the parent is removed, and that of the subtask stays.
    let gate = gate(&db, &format!("SELECT FROM reminders WHERE task_id = '{}' FOR UPDATE", id(&part))).await;
    let body = json!({ "project_id": id(&lab), "assignee_id": null });
    let moved = sent(&app, &mia, "PATCH", format!("/v1/tasks/{}", id(&whole)), body);
    waiting(&db, 1).await;
    let body = json!({ "reminder_offsets": ["P1W"] });
    let chosen = sent(&app, &ann, "PUT", "/v1/notification-preferences".into(), body);
    waiting(&db, 2).await;
    gate.rollback().await.unwrap();
    let both = async { (moved.await.unwrap(), chosen.await.unwrap()) };
    let both = tokio::time::timeout(Duration::from_secs(30), both).await.expect("they wait for each other");
    assert_eq!(both, (200, 200));
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn the_mail_limit_holds_under_concurrency(db: PgPool) {
    let app = Arc::new(App::new(&db));
    let ann = app.user("ann").await;
    let forgot = || sent(&app, &ann, "POST", "/v1/auth/password/forgot".into(), json!({ "email": ann.email }));
    for _ in 0..4 {
        assert_eq!(forgot().await.unwrap(), 202);
    }
    let gate = gate(&db, &format!("SELECT FROM users WHERE id = '{}' FOR UPDATE", ann.id)).await;
    let (one, other) = (forgot(), forgot());
    waiting(&db, 2).await;
    gate.rollback().await.unwrap();
    assert_eq!((one.await.unwrap(), other.await.unwrap()), (202, 202));
    assert_eq!(app.count("emails").await, 5);
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn the_report_limit_holds_under_concurrency(db: PgPool) {
    let app = Arc::new(App::new(&db));
    let ann = app.user("ann").await;
    let period = json!({
        "kind": "workload", "format": "csv", "from": "2026-01-01T00:00:00Z", "to": "2026-02-01T00:00:00Z",
    });
    let ask = || sent(&app, &ann, "POST", "/v1/reports".into(), period.clone());
    for _ in 0..9 {
        assert_eq!(ask().await.unwrap(), 202);
    }
    let gate = gate(&db, &format!("SELECT FROM users WHERE id = '{}' FOR UPDATE", ann.id)).await;
    let (one, other) = (ask(), ask());
    waiting(&db, 2).await;
    gate.rollback().await.unwrap();
    let mut statuses = [one.await.unwrap(), other.await.unwrap()];
    statuses.sort_unstable();
    assert_eq!(statuses, [202, 409]);
    assert_eq!(app.count("reports").await, 10);
}

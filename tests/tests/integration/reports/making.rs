//! Creating a report: once, despite failures, and only with what its requester may see.

use std::{
    collections::BTreeSet,
    time::{Duration, SystemTime},
};

use serde_json::{Value, json};
use shared::{db::PgPool, queue::Queues, storage::Storage};
use taskbell_queue::make_report::{MakeReport, Outcome};

use super::{consumer, deadline, download, month, storage, two_connections};
use crate::{
    faults::drop_after,
    support::{App, Person, id, text},
};

/// A bucket that does not exist.
fn nowhere() -> Storage {
    Storage::new("taskbell-no-such-bucket".into())
}

/// Checks that each finished report has one event and a handled message.
async fn balanced(app: &App) {
    let events = "outbox WHERE queue = 'events' AND payload->>'event' = 'report_ready'";
    assert_eq!(app.count(events).await, app.count("reports WHERE finished_at IS NOT NULL").await);
    let told = "SELECT count(DISTINCT payload->>'report_id') FROM outbox WHERE payload->>'event' = 'report_ready'";
    assert_eq!(app.one::<i64>(told).await, app.count("reports WHERE finished_at IS NOT NULL").await);
    let finished = "outbox o JOIN reports r ON r.id::text = o.payload->>'report_id'
                    WHERE o.queue = 'reports' AND (o.handled_at IS NULL) = (r.finished_at IS NOT NULL)";
    assert_eq!(app.count(finished).await, 0);
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn duplicate_messages_create_and_announce_a_report_once(db: PgPool) {
    let app = App::new(&db);
    let ann = app.user("Ann").await;
    let report = app.as_user(&ann).post("/v1/reports", month("activity", "json")).await.ok(202);
    let message = app.message(&report).await;
    let (one, other) = (consumer(&db, storage()), consumer(&db, storage()));
    let (one_made, other_made) = tokio::join!(one.make(message, deadline()), other.make(message, deadline()));
    let mut outcomes = [one_made.unwrap(), other_made.unwrap()];
    outcomes.sort_by_key(|outcome| *outcome != Outcome::Ready);
    assert!(matches!(outcomes, [Outcome::Ready, Outcome::InProgress | Outcome::Nothing]), "{outcomes:?}");
    assert_eq!(one.make(message, deadline()).await.unwrap(), Outcome::Nothing);
    balanced(&app).await;
    app.tell_everyone().await;
    assert_eq!(app.told(&ann).await, ["report_ready: Your activity report is ready"]);
    let notification = &app.inbox(&ann, 0).await[0];
    assert_eq!((&notification["data"]["report_id"], &notification["data"]["status"]), (&report["id"], &json!("ready")));

    let ready = app.report(&ann, &report).await;
    assert_eq!((&ready["status"], &ready["progress"], &ready["error"]), (&json!("ready"), &json!(100), &json!(null)));
    let kept = "SELECT expires_at - finished_at = interval '7 days' FROM reports";
    assert!(app.one::<bool>(kept).await);
    assert_eq!(app.as_user(&ann).get("/v1/reports").await.ok(200)["items"][0]["id"], report["id"]);
    download(&app.as_user(&ann).get("/v1/reports").await.ok(200)["items"][0]).await;
    app.sql("UPDATE reports SET expires_at = now()").await;
    assert_eq!(app.report(&ann, &report).await["download_url"], json!(null));
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn a_report_survives_a_crash_at_any_point(db: PgPool) {
    let app = App::new(&db);
    let ann = app.user("Ann").await;
    app.task(&ann, json!({ "title": "x" })).await;
    let (mortals, survivor) = (two_connections(&db), consumer(&db, storage()));
    let mortal = MakeReport::new(mortals.clone().into(), Queues::new([]), storage());
    for polls in 1.. {
        let report = app.as_user(&ann).post("/v1/reports", month("activity", "csv")).await.ok(202);
        let message = app.message(&report).await;
        // Connect first: the client computes a proof of the password for a while, with hundreds of polls.
        drop(tokio::try_join!(mortals.acquire(), mortals.acquire()).unwrap());
        let lived = drop_after(polls, mortal.make(message, deadline())).await;
        // The claim expires.
        app.sql("UPDATE reports SET claimed_until = now() - interval '1 second' WHERE claimed_until IS NOT NULL").await;
        let again = survivor.make(message, deadline()).await.unwrap();
        assert!(matches!(again, Outcome::Ready | Outcome::Nothing), "{again:?}");
        let ready = app.report(&ann, &report).await;
        assert_eq!(ready["status"], "ready", "after {polls} polls");
        assert!(download(&ready).await.ends_with(b",\r\n"));
        balanced(&app).await;
        if let Some(outcome) = lived {
            assert_eq!((outcome.unwrap(), again), (Outcome::Ready, Outcome::Nothing));
            assert!(polls > 5, "it was not dropped in the middle, but after {polls} polls");
            break;
        }
    }
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn a_claim_holds_until_it_expires(db: PgPool) {
    let app = App::new(&db);
    let ann = app.user("Ann").await;
    let report = app.as_user(&ann).post("/v1/reports", month("activity", "csv")).await.ok(202);
    let message = app.message(&report).await;
    app.sql("UPDATE reports SET status = 'running', claimed_until = now() + interval '1 minute'").await;
    assert_eq!(consumer(&db, storage()).make(message, deadline()).await.unwrap(), Outcome::InProgress);
    assert_eq!(app.count("outbox WHERE queue = 'reports' AND handled_at IS NULL").await, 1, "the relay looks after it");
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn a_report_fails_for_good_after_five_attempts(db: PgPool) {
    let app = App::new(&db);
    let (ann, bob) = (app.user("Ann").await, app.user("Bob").await);
    let ask = async |person: &Person| app.as_user(person).post("/v1/reports", month("workload", "xlsx")).await.ok(202);
    let (saved, lost) = (ask(&ann).await, ask(&bob).await);
    let away = consumer(&db, nowhere());
    for attempt in 1..=4 {
        for (person, report) in [(&ann, &saved), (&bob, &lost)] {
            away.make(app.message(report).await, deadline()).await.unwrap_err();
            assert_eq!(app.report(person, report).await["status"], "queued", "after attempt {attempt}");
        }
    }
    assert_eq!(consumer(&db, storage()).make(app.message(&saved).await, deadline()).await.unwrap(), Outcome::Ready);
    // The message of the other fails again and goes to the dead-letter queue; the report fails with it.
    away.make(app.message(&lost).await, deadline()).await.unwrap_err();
    let failed = app.report(&bob, &lost).await;
    assert_eq!((&failed["status"], &failed["download_url"]), (&json!("failed"), &json!(null)));
    assert_eq!(failed["error"], "Something was away for too long. Ask for it again.");
    balanced(&app).await;
    app.tell_everyone().await;
    assert_eq!(app.told(&ann).await, ["report_ready: Your workload report is ready"]);
    assert_eq!(app.told(&bob).await, ["report_ready: Your workload report could not be made"]);
    assert!(text(&app.inbox(&bob, 0).await[0]["body"]).ends_with("Ask for it again."));
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn a_report_whose_function_crashes_five_times_fails(db: PgPool) {
    let app = App::new(&db);
    let ann = app.user("Ann").await;
    let report = app.as_user(&ann).post("/v1/reports", month("workload", "xlsx")).await.ok(202);
    app.sql("UPDATE reports SET status = 'running', attempts = 5, claimed_until = now() - interval '1 second'").await;
    assert_eq!(consumer(&db, storage()).make(app.message(&report).await, deadline()).await.unwrap(), Outcome::Failed);
    assert_eq!(app.report(&ann, &report).await["status"], "failed");
    balanced(&app).await;
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn a_report_is_limited_to_what_was_and_still_is_visible(db: PgPool) {
    let app = App::new(&db);
    let (mia, bob) = (app.manager("Mia").await, app.user("Bob").await);
    let mut projects = Vec::new();
    for key in ["KEPT", "LEFT", "LATER"] {
        let members: &[&Person] = if key == "LATER" { &[] } else { &[&bob] };
        projects.push(app.project(&mia, key, members).await);
    }
    let late = |project: &Value| json!({ "title": project["key"], "project_id": project["id"], "due_at": "2026-01-01T00:00:00Z" });
    for project in &projects {
        app.task(&mia, late(project)).await;
    }
    app.sql("UPDATE tasks SET assignee_id = NULL").await;
    let report = app.as_user(&bob).post("/v1/reports", month("activity", "json")).await.ok(202);
    let of_mia = app.as_user(&mia).post("/v1/reports", month("overdue", "json")).await.ok(202);
    let member = |project: &Value| format!("/v1/projects/{}/members/{}", id(project), bob.id);
    app.as_user(&mia).put(&member(&projects[2]), None).await.ok(204);
    for project in &projects {
        app.as_user(&bob).post("/v1/tasks", json!({ "title": "Bob's", "project_id": project["id"] })).await.ok(201);
    }
    app.as_user(&mia).delete(&member(&projects[1])).await.ok(204);

    consumer(&db, storage()).make(app.message(&report).await, deadline()).await.unwrap();
    let file: Value = serde_json::from_slice(&download(&app.report(&bob, &report).await).await).unwrap();
    let keys: BTreeSet<_> = file["rows"].as_array().unwrap().iter().map(|row| text(&row["project"])).collect();
    assert_eq!(keys, BTreeSet::from(["Project KEPT"]), "not what he left, and not what he joined later");

    // A former manager gets only their own work, of which there is none.
    app.sql(&format!("UPDATE users SET role = 'user' WHERE id = '{}'", mia.id)).await;
    consumer(&db, storage()).make(app.message(&of_mia).await, deadline()).await.unwrap();
    let file: Value = serde_json::from_slice(&download(&app.report(&mia, &of_mia).await).await).unwrap();
    assert_eq!(file["rows"], json!([]));
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn a_report_fails_if_the_requester_has_lost_access(db: PgPool) {
    let app = App::new(&db);
    let (mia, bob) = (app.manager("Mia").await, app.user("Bob").await);
    let project = app.project(&mia, "WEB", &[&bob]).await;
    let mut wanted = month("activity", "json");
    wanted["project_id"] = project["id"].clone();
    let report = app.as_user(&bob).post("/v1/reports", wanted).await.ok(202);
    app.as_user(&mia).delete(&format!("/v1/projects/{}/members/{}", id(&project), bob.id)).await.ok(204);
    assert_eq!(consumer(&db, storage()).make(app.message(&report).await, deadline()).await.unwrap(), Outcome::Failed);
    let failed = app.report(&bob, &report).await;
    assert_eq!(failed["error"], "You may no longer have reports of its project.");

    let inactive = app.user("Inactive").await;
    let report = app.as_user(&inactive).post("/v1/reports", month("activity", "json")).await.ok(202);
    app.sql(&format!("UPDATE users SET active = false WHERE id = '{}'", inactive.id)).await;
    assert_eq!(consumer(&db, storage()).make(app.message(&report).await, deadline()).await.unwrap(), Outcome::Failed);
    balanced(&app).await;
    app.tell_everyone().await;
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn progress_is_updated_while_a_long_report_is_created(db: PgPool) {
    let app = App::new(&db);
    let ann = app.user("Ann").await;
    let task = app.task(&ann, json!({ "title": "x" })).await;
    app.sql(&format!(
        "INSERT INTO activity (id, task_id, actor_id, kind, changes)
         SELECT (left(id::text, 24) || lpad(to_hex(n), 12, '0'))::uuid, task_id, actor_id, 'updated', changes
         FROM activity, generate_series(1, 59999) n WHERE task_id = '{}'",
        id(&task),
    ))
    .await;
    app.sql(
        "CREATE TABLE told (progress smallint);
         CREATE FUNCTION tell() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN INSERT INTO told VALUES (NEW.progress); RETURN NULL; END';
         CREATE TRIGGER tell AFTER UPDATE OF progress ON reports FOR EACH ROW EXECUTE FUNCTION tell()",
    )
    .await;
    app.made(&ann, month("activity", "csv")).await;
    let told: Vec<i16> = sqlx::query_scalar("SELECT progress FROM told").fetch_all(&db).await.unwrap();
    assert_eq!(told, [0, 15, 31, 47, 63, 79, 95, 100]);
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn a_report_that_takes_too_long_fails(db: PgPool) {
    let app = App::new(&db);
    let ann = app.user("Ann").await;
    let report = app.as_user(&ann).post("/v1/reports", month("activity", "csv")).await.ok(202);
    // Another transaction locks the table that it reads, for longer than its deadline.
    let mut other = db.begin().await.unwrap();
    sqlx::query("LOCK TABLE activity").execute(&mut *other).await.unwrap();
    let soon = SystemTime::now() + Duration::from_secs(11);
    let message = app.message(&report).await;
    assert_eq!(consumer(&db, storage()).make(message, soon).await.unwrap(), Outcome::Failed);
    other.rollback().await.unwrap();
    let failed = app.report(&ann, &report).await;
    assert_eq!(failed["error"], "There is too much in it. Ask for a shorter period or a single project.");
    balanced(&app).await;
}

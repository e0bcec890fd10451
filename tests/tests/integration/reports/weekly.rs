//! Weekly reports, with a clock that the tests set.

use std::time::{Duration, SystemTime};

use chrono::{DateTime, Datelike, TimeDelta, Utc, Weekday};
use serde_json::{Value, json};
use shared::{db::PgPool, queue::Queues};
use taskbell_schedule::order_reports::OrderReports;

use crate::support::{App, Person, each, id, own_pool, text};

async fn run(db: &PgPool, now: DateTime<Utc>) -> (usize, usize) {
    let job = OrderReports::new(own_pool(db).into(), Queues::new([]));
    job.run(now, SystemTime::now() + Duration::from_mins(1)).await.unwrap()
}

async fn subscribe(app: &App, person: &Person, subscription: Value) -> Value {
    app.as_user(person).post("/v1/report-subscriptions", subscription).await.ok(201)
}

fn time(value: &Value) -> DateTime<Utc> {
    text(value).parse().unwrap()
}

/// Returns the periods of the requested reports, oldest first.
async fn periods(db: &PgPool) -> Vec<(DateTime<Utc>, DateTime<Utc>)> {
    sqlx::query_as("SELECT period_from, period_to FROM reports ORDER BY id").fetch_all(db).await.unwrap()
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn managers_create_list_and_delete_subscriptions(db: PgPool) {
    let app = App::new(&db);
    let (mia, other) = (app.manager("Mia").await, app.manager("Other").await);
    let project = app.project(&mia, "WEB", &[&other]).await;
    let wanted = json!({ "kind": "workload", "format": "xlsx", "project_id": project["id"], "weekday": "friday", "at": "16:30" });
    let asking = app.as_user(&mia).idempotency_key("once");
    let first = asking.post("/v1/report-subscriptions", wanted.clone()).await;
    assert_eq!(first.header("location"), format!("/v1/report-subscriptions/{}", text(&first.body["id"])));
    let subscription = first.ok(201);
    assert_eq!(asking.post("/v1/report-subscriptions", wanted.clone()).await.ok(201), subscription);
    for (field, value) in wanted.as_object().unwrap() {
        assert_eq!(&subscription[field], value, "{field}");
    }
    let next = time(&subscription["next_at"]);
    assert_eq!((next.weekday(), next.format("%H:%M").to_string()), (Weekday::Fri, "16:30".into()));
    assert!(next > Utc::now() && next <= Utc::now() + TimeDelta::days(7));
    assert_eq!(app.as_user(&mia).get("/v1/report-subscriptions").await.ok(200)["items"], json!([subscription]));

    let plain = subscribe(&app, &mia, json!({ "kind": "overdue", "format": "csv" })).await;
    assert_eq!(
        (&plain["weekday"], &plain["at"], &plain["project_id"]),
        (&json!("monday"), &json!("07:00"), &json!(null))
    );
    // A project of another manager.
    app.as_user(&other).post("/v1/report-subscriptions", wanted).await.ok(403);
    let path = format!("/v1/report-subscriptions/{}", id(&plain));
    app.as_user(&other).delete(&path).await.ok(404);
    app.as_user(&mia).delete(&path).await.ok(204);
    app.as_user(&mia).delete(&path).await.ok(404);
    let left = app.as_user(&mia).get("/v1/report-subscriptions").await.ok(200);
    assert_eq!(each(&left, "id"), [&subscription["id"]]);
    for _ in 0..19 {
        subscribe(&app, &mia, json!({ "kind": "overdue", "format": "csv" })).await;
    }
    app.as_user(&mia).post("/v1/report-subscriptions", json!({ "kind": "overdue", "format": "csv" })).await.ok(409);
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn a_year_of_hourly_runs_reports_each_week_once(db: PgPool) {
    let app = App::new(&db);
    for (at, zone) in ["Europe/Berlin", "America/New_York", "Asia/Kolkata", "Pacific/Kiritimati", "Australia/Lord_Howe"]
        .into_iter()
        .enumerate()
    {
        let manager = app.manager(&format!("manager{at}")).await;
        subscribe(&app, &manager, json!({ "kind": "overdue", "format": "json", "weekday": "sunday", "at": "02:30" }))
            .await;
        // The subscription follows the person's time zone.
        app.as_user(&manager).patch("/v1/users/me", json!({ "time_zone": zone })).await.ok(200);
    }
    // Finish all reports, because nothing here creates their files: too many open ones would reach the limit.
    let begin = Utc::now();
    let (job, mut ordered) = (OrderReports::new(own_pool(&db).into(), Queues::new([])), 0);
    for hour in 0..=366 * 24 {
        let now = begin + TimeDelta::hours(hour);
        let (due, asked) = job.run(now, SystemTime::now() + Duration::from_mins(1)).await.unwrap();
        ordered += asked;
        if due > 0 {
            app.sql("UPDATE reports SET finished_at = now() WHERE finished_at IS NULL").await;
        }
    }
    assert!((5 * 52..=5 * 53).contains(&ordered), "{ordered}");
    let reports: Vec<(String, DateTime<Utc>, DateTime<Utc>)> = sqlx::query_as(
        "SELECT u.time_zone, r.period_from, r.period_to FROM reports r JOIN users u ON u.id = r.user_id ORDER BY r.user_id, r.id",
    )
    .fetch_all(&db)
    .await
    .unwrap();
    assert_eq!(reports.len(), ordered);
    for weeks in reports.windows(2).filter(|weeks| weeks[0].0 == weeks[1].0) {
        assert_eq!(weeks[0].2, weeks[1].1, "each week begins where the one before ends");
    }
    for (zone, from, to) in reports {
        let zone: chrono_tz::Tz = zone.parse().unwrap();
        for midnight in [from, to].map(|instant| instant.with_timezone(&zone)) {
            assert_eq!((midnight.weekday(), midnight.format("%H:%M").to_string()), (Weekday::Sun, "00:00".into()));
        }
    }
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn after_an_outage_only_the_last_week_is_reported(db: PgPool) {
    let app = App::new(&db);
    let mut due = Utc::now();
    for at in 0..120 {
        let manager = app.manager(&format!("manager{at}")).await;
        due = time(&subscribe(&app, &manager, json!({ "kind": "overdue", "format": "json" })).await["next_at"]);
    }
    let late = due + TimeDelta::days(17);
    let (one, other) = tokio::join!(run(&db, late), run(&db, late));
    assert_eq!((one.0 + other.0, one.1 + other.1), (120, 120));
    assert_eq!(run(&db, late).await, (0, 0));
    let monday = due - TimeDelta::hours(7);
    let last = (monday + TimeDelta::days(7), monday + TimeDelta::days(14));
    assert!(periods(&db).await.into_iter().all(|period| period == last));
    let next = "SELECT DISTINCT fire_at FROM report_subscriptions";
    assert_eq!(app.one::<DateTime<Utc>>(next).await, due + TimeDelta::days(21));
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn subscriptions_pause_while_the_subscriber_has_no_access(db: PgPool) {
    let app = App::new(&db);
    let (mia, max, ida) = (app.manager("Mia").await, app.manager("Max").await, app.manager("Ida").await);
    let project = app.project(&max, "WEB", &[]).await;
    let plain = json!({ "kind": "overdue", "format": "json" });
    let due = time(&subscribe(&app, &mia, plain.clone()).await["next_at"]);
    subscribe(&app, &ida, plain).await;
    subscribe(&app, &max, json!({ "kind": "overdue", "format": "json", "project_id": project["id"] })).await;
    let demote = |role: &str| format!("UPDATE users SET role = '{role}' WHERE id = '{}'", mia.id);
    app.sql(&demote("user")).await;
    app.sql(&format!("UPDATE users SET active = false WHERE id = '{}'", ida.id)).await;
    app.as_user(&max).delete(&format!("/v1/projects/{}", id(&project))).await.ok(204);
    assert_eq!(run(&db, due).await, (3, 0));
    app.sql(&demote("manager")).await;
    assert_eq!(run(&db, due + TimeDelta::days(7)).await, (3, 1));
    assert_eq!(periods(&db).await.len(), 1);
}

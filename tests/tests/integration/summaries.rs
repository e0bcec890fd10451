//! Daily summaries, with a clock that the tests set.

use std::{
    collections::BTreeMap,
    time::{Duration, SystemTime},
};

use chrono::{DateTime, NaiveDate, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;
use serde_json::json;
use shared::{
    db::{PgPool, notifications, summaries},
    domain::email::{Summary, SummaryLine},
    queue::Queues,
};
use taskbell_schedule::send_summaries::SendSummaries;
use uuid::Uuid;

use crate::support::{App, Person, id, own_pool, waiting};

async fn run(db: &PgPool, now: DateTime<Utc>) -> (usize, usize) {
    let job = SendSummaries::new(own_pool(db).into(), Queues::new([]));
    job.run(now, SystemTime::now() + Duration::from_mins(1)).await.unwrap()
}

/// Creates a user with a confirmed address and a time zone.
async fn person(app: &App, name: &str, zone: &str) -> Person {
    let person = app.user(name).await;
    app.sql(&format!("UPDATE users SET email_verified_at = now() WHERE id = '{}'", person.id)).await;
    app.as_user(&person).patch("/v1/users/me", json!({ "time_zone": zone })).await.ok(200);
    person
}

async fn fire_at(app: &App, person: &Person) -> DateTime<Utc> {
    app.one(&format!("SELECT fire_at FROM summaries WHERE user_id = '{}'", person.id)).await
}

/// Returns the content of a person's newest summary at a time.
async fn newest(app: &App, person: &Person, now: DateTime<Utc>, zone: Tz) -> Summary {
    let mail =
        "SELECT id, since, since_seq FROM emails WHERE kind = 'summary' AND user_id = $1 ORDER BY id DESC LIMIT 1";
    let (mail, since, since_seq): (Uuid, DateTime<Utc>, i64) =
        sqlx::query_as(mail).bind(person.id).fetch_one(&app.db).await.unwrap();
    let scope = summaries::SummaryScope { user_id: person.id, since, since_seq };
    summaries::content(&mut app.db.acquire().await.unwrap(), mail, &scope, now, zone).await.unwrap()
}

fn titles(lines: &[SummaryLine]) -> Vec<&str> {
    lines.iter().map(|line| line.title.as_str()).collect()
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn a_summary_lists_due_new_and_finished_tasks_and_news(db: PgPool) {
    let app = App::new(&db);
    let zone = chrono_tz::Asia::Kolkata;
    let (mia, bob) = (app.manager("Mia").await, person(&app, "Bob", "Asia/Kolkata").await);
    // Depending on the time of day, Mia's summary could be due before Bob's.
    app.as_user(&mia).put("/v1/notification-preferences", Some(json!({ "daily_summary_at": null }))).await.ok(200);
    let project = app.project(&mia, "WEB", &[&bob]).await;
    let now = fire_at(&app, &bob).await;
    let local = now.with_timezone(&zone);
    assert_eq!(local.format("%H:%M").to_string(), "08:00");
    let midnight = zone.from_local_datetime(&(local.date_naive() + TimeDelta::days(1)).and_hms_opt(0, 0, 0).unwrap());
    let midnight = midnight.unwrap().to_utc();

    let new = async |title: &str, due_at: Option<DateTime<Utc>>, mine: bool| {
        let assignee = mine.then_some(bob.id);
        let new = json!({ "title": title, "project_id": id(&project), "due_at": due_at, "assignee_id": assignee });
        app.task(&mia, new).await
    };
    let late = new("late", Some(now - TimeDelta::hours(1)), true).await;
    new("last minute", Some(midnight - TimeDelta::minutes(1)), true).await;
    new("tomorrow", Some(midnight), true).await;
    new("of others", Some(midnight - TimeDelta::hours(1)), false).await;
    let finished = new("finished", None, false).await;
    let own = new("my own", Some(midnight - TimeDelta::hours(1)), true).await;
    for task in [&finished, &own] {
        app.as_user(&mia)
            .put(&format!("/v1/tasks/{}/status", id(task)), Some(json!({ "status": "done" })))
            .await
            .ok(200);
    }
    app.as_user(&mia).patch(&format!("/v1/tasks/{}", id(&late)), json!({ "priority": "high" })).await.ok(200);
    app.tell_everyone().await;

    assert_eq!(run(&db, now - TimeDelta::seconds(1)).await, (0, 0));
    assert_eq!(run(&db, now).await, (1, 1));
    assert_eq!(run(&db, now).await, (0, 0));
    let summary = newest(&app, &bob, now, zone).await;
    assert_eq!((titles(&summary.overdue), titles(&summary.due_today)), (vec!["late"], vec!["last minute"]));
    let mut assigned = titles(&summary.assigned);
    assigned.sort_unstable();
    assert_eq!((assigned, titles(&summary.done)), (vec!["last minute", "late", "tomorrow"], vec!["finished"]));
    // The change of priority and the status of his own task wait for the summary; the assignments and the membership do
    // not.
    let mut kinds: Vec<_> = summary.news.iter().map(|item| item.kind.as_str()).collect();
    kinds.sort_unstable();
    assert_eq!(kinds, ["task_status_changed", "task_updated"]);

    // The copy of a snoozed notification is no news.
    for kind in ["task_assigned", "task_updated"] {
        let inbox = app.inbox(&bob, 0).await;
        let at = format!("/v1/notifications/{}", id(inbox.iter().find(|one| one["kind"] == kind).unwrap()));
        let later = json!({ "snoozed_until": Utc::now() + TimeDelta::days(1) });
        app.as_user(&bob).patch(&at, later).await.ok(200);
    }
    app.sql("UPDATE outbox SET due_at = now() WHERE payload->>'event' = 'snooze_over'").await;
    app.tell_everyone().await;
    assert_eq!(app.count("notifications WHERE data ? 'snoozed'").await, 2);

    // The next day there is nothing new, but overdue tasks are still overdue, and the tasks of tomorrow are due today.
    let next = fire_at(&app, &bob).await;
    assert_eq!(next, now + TimeDelta::days(1));
    assert_eq!(run(&db, next).await.1, 1);
    let summary = newest(&app, &bob, next, zone).await;
    assert_eq!(
        (titles(&summary.overdue).len(), summary.assigned.len(), summary.news.len(), summary.done.len()),
        (3, 0, 0, 0)
    );
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn unassigned_tasks_are_in_the_summary_of_their_creator(db: PgPool) {
    let app = App::new(&db);
    let zone = chrono_tz::Europe::Berlin;
    let (mia, ann) = (app.manager("Mia").await, person(&app, "Ann", "Europe/Berlin").await);
    let project = app.project(&mia, "WEB", &[&ann]).await;
    let now = fire_at(&app, &ann).await;
    let own = async |title: &str, due_at: DateTime<Utc>| {
        app.task(&ann, json!({ "title": title, "due_at": due_at })).await;
    };
    own("at five", now + TimeDelta::hours(9)).await;
    own("at noon", now + TimeDelta::hours(4)).await;
    own("the day before", now - TimeDelta::hours(20)).await;
    own("before that", now - TimeDelta::hours(30)).await;
    let shared = json!({ "title": "Mia's", "project_id": id(&project), "due_at": now });
    app.task(&mia, shared).await;
    let given = json!({ "title": "Given away", "project_id": id(&project), "due_at": now, "assignee_id": mia.id });
    app.task(&ann, given).await;
    let done = app.task(&ann, json!({ "title": "Her own", "project_id": id(&project) })).await;
    let status = format!("/v1/tasks/{}/status", id(&done));
    app.as_user(&ann).put(&status, Some(json!({ "status": "done" }))).await.ok(200);

    assert_eq!(run(&db, now).await.1, 1);
    let summary = newest(&app, &ann, now, zone).await;
    let due = |lines: &[SummaryLine]| -> Vec<String> {
        lines.iter().map(|line| format!("{} {}", line.title, line.due.as_deref().unwrap())).collect()
    };
    let shown = |hours| (now - TimeDelta::hours(hours)).with_timezone(&zone).format("%-d %B at %H:%M");
    assert_eq!(due(&summary.due_today), ["at noon at 12:00", "at five at 17:00"]);
    let late = [format!("before that since {}", shown(30)), format!("the day before since {}", shown(20))];
    assert_eq!(due(&summary.overdue), late);
    assert!(summary.assigned.is_empty() && summary.done.is_empty(), "{summary:?}");
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn people_without_news_or_a_confirmed_address_get_no_summary(db: PgPool) {
    let app = App::new(&db);
    let (idle, unwilling) = (person(&app, "Idle", "UTC").await, person(&app, "Unwilling", "UTC").await);
    let (unverified, gone) = (app.user("Unverified").await, person(&app, "Gone", "UTC").await);
    app.as_user(&unwilling)
        .put("/v1/notification-preferences", Some(json!({ "daily_summary_at": null })))
        .await
        .ok(200);
    app.sql(&format!("UPDATE users SET active = false WHERE id = '{}'", gone.id)).await;
    let now = fire_at(&app, &idle).await;
    for someone in [&unwilling, &unverified] {
        app.task(someone, json!({ "title": "Late", "assignee_id": someone.id, "due_at": now - TimeDelta::hours(1) }))
            .await;
    }
    assert_eq!(run(&db, now).await, (3, 0));
    assert_eq!(app.count("emails").await, 0);

    // Another time of day or time zone moves the next summary.
    app.as_user(&unwilling)
        .put("/v1/notification-preferences", Some(json!({ "daily_summary_at": "17:30" })))
        .await
        .ok(200);
    assert_eq!(fire_at(&app, &unwilling).await.format("%H:%M").to_string(), "17:30");
    app.as_user(&unwilling).patch("/v1/users/me", json!({ "time_zone": "Asia/Kolkata" })).await.ok(200);
    assert_eq!(fire_at(&app, &unwilling).await.format("%H:%M").to_string(), "12:00");
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn after_an_outage_concurrent_runs_send_one_summary_each(db: PgPool) {
    let app = App::new(&db);
    let mut now = Utc::now();
    for number in 0..120 {
        let name = format!("P{number}");
        let someone = app.user(&name).await;
        now = fire_at(&app, &someone).await;
        app.task(&someone, json!({ "title": "Late", "assignee_id": someone.id, "due_at": now - TimeDelta::days(9) }))
            .await;
    }
    app.sql("UPDATE users SET email_verified_at = now()").await;
    let later = now + TimeDelta::days(3) + TimeDelta::hours(3);
    let (one, other) = tokio::join!(run(&db, later), run(&db, later));
    assert_eq!((one.0 + other.0, one.1 + other.1), (120, 120));
    assert_eq!(app.count("emails").await, 120);
    assert_eq!(run(&db, later + TimeDelta::hours(20)).await, (0, 0), "the next is at the next 08:00");
    assert_eq!(run(&db, later + TimeDelta::hours(21)).await, (120, 120));
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn a_run_and_notify_lock_inboxes_in_one_order(db: PgPool) {
    let app = App::new(&db);
    let (ann, bob) = (person(&app, "Ann", "UTC").await, person(&app, "Bob", "UTC").await);
    assert!(ann.id < bob.id);
    let now = fire_at(&app, &ann).await;
    let earlier = now - TimeDelta::hours(1);
    app.sql(&format!("UPDATE summaries SET fire_at = '{earlier}' WHERE user_id = '{}'", bob.id)).await;
    app.sql("INSERT INTO inboxes (user_id) SELECT id FROM users").await;

    // Another transaction notifies both, and has locked Ann's inbox when the run starts with Bob, whose summary was due
    // earlier.
    let mut telling = db.begin().await.unwrap();
    notifications::next_seqs(&mut telling, &[ann.id]).await.unwrap();
    let (taken, ()) = tokio::join!(run(&db, now), async {
        waiting(&db, 1).await;
        notifications::next_seqs(&mut telling, &[bob.id]).await.unwrap();
        telling.commit().await.unwrap();
    });
    assert_eq!(taken.0, 2);
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn a_year_of_hourly_runs_sends_one_summary_each_local_day(db: PgPool) {
    let app = App::new(&db);
    // Local times that occur twice or never when clocks change; a zone with an offset of half an hour; the first zone
    // to begin a day.
    let wishes = [
        ("Europe/Berlin", "02:30"),
        ("America/New_York", "01:30"),
        ("Asia/Kolkata", "08:00"),
        ("Pacific/Kiritimati", "00:00"),
        ("UTC", "23:59"),
    ];
    let mut zones = BTreeMap::new();
    for (zone, time) in wishes {
        let someone = person(&app, zone, zone).await;
        app.as_user(&someone)
            .put("/v1/notification-preferences", Some(json!({ "daily_summary_at": time })))
            .await
            .ok(200);
        zones.insert(someone.id, zone.parse::<Tz>().unwrap());
    }
    let job = SendSummaries::new(own_pool(&db).into(), Queues::new([]));
    let begin: DateTime<Utc> = app.one("SELECT max(fire_at) FROM summaries").await;
    let mut days: BTreeMap<Uuid, Vec<NaiveDate>> = BTreeMap::new();
    for hour in 0..365 * 24 {
        let now = begin + TimeDelta::hours(hour);
        let taken = job.run(now, SystemTime::now() + Duration::from_mins(1)).await.unwrap().0;
        if taken > 0 {
            let fired: Vec<Uuid> = sqlx::query_scalar("SELECT user_id FROM summaries WHERE sent_at = $1")
                .bind(now)
                .fetch_all(&db)
                .await
                .unwrap();
            assert_eq!(fired.len(), taken);
            for id in fired {
                // The run may be up to an hour later than the due time.
                days.entry(id)
                    .or_default()
                    .push((now - TimeDelta::minutes(59)).with_timezone(&zones[&id]).date_naive());
            }
        }
    }
    assert_eq!(days.len(), wishes.len());
    for (id, days) in days {
        assert!(days.len() >= 364, "{}: {}", zones[&id], days.len());
        for pair in days.windows(2).skip(1) {
            assert_eq!(pair[1] - pair[0], TimeDelta::days(1), "{}", zones[&id]);
        }
    }
}

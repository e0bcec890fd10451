//! Reminders of deadlines, with a clock that the tests set.

use std::time::{Duration, SystemTime};

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use shared::{
    db::{Database, PgPool, reminders},
    domain::task::truncate_to_micros,
    queue::Queues,
};
use taskbell_schedule::send_reminders::SendReminders;

use crate::support::{App, Person, id, own_pool};

fn in_time(delta: TimeDelta) -> DateTime<Utc> {
    truncate_to_micros(Utc::now() + delta)
}

/// Runs the job at `now` and handles the events. Returns the number of reminders.
async fn run(app: &App, now: DateTime<Utc>) -> usize {
    let job = SendReminders::new(app.db.clone().into(), Queues::new([]));
    let taken = job.run(now, SystemTime::now() + Duration::from_mins(1)).await.unwrap();
    app.tell_everyone().await;
    taken
}

/// Returns the kinds of the reminders that a person got.
async fn kinds(app: &App, person: &Person) -> Vec<String> {
    let all = app.inbox(person, 0).await;
    let kinds = all.iter().map(|item| item["kind"].as_str().unwrap().to_owned());
    kinds.filter(|kind| kind == "task_due_soon" || kind == "task_overdue").collect()
}

async fn task(app: &App, person: &Person, due_at: Option<DateTime<Utc>>) -> Value {
    app.task(person, json!({ "title": "Write", "due_at": due_at })).await
}

const SOON: &str = "task_due_soon";
const OVERDUE: &str = "task_overdue";

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn every_offset_and_the_deadline_remind_once(db: PgPool) {
    let app = App::new(&db);
    let ann = app.user("Ann").await;
    let due = in_time(TimeDelta::days(3));
    let task = task(&app, &ann, Some(due)).await;
    assert_eq!(run(&app, due - TimeDelta::days(1) - TimeDelta::seconds(1)).await, 0);
    for (moment, expected) in [
        (due - TimeDelta::days(1), vec![SOON]),
        (due - TimeDelta::hours(2), vec![SOON]),
        (due - TimeDelta::hours(1), vec![SOON, SOON]),
        (due - TimeDelta::seconds(1), vec![SOON, SOON]),
        (due, vec![SOON, SOON, OVERDUE]),
        (due + TimeDelta::days(400), vec![SOON, SOON, OVERDUE]),
    ] {
        run(&app, moment).await;
        assert_eq!(kinds(&app, &ann).await, expected, "{moment}");
    }
    let told = app.inbox(&ann, 0).await;
    let local = due.format("%-d %B %Y at %H:%M");
    let key = task["key"].as_str().unwrap();
    assert_eq!(told[0]["title"], format!("{key} is due on {local}"));
    assert_eq!(told[2]["title"], format!("{key} was due on {local}"));
    assert_eq!(
        (&told[0]["body"], &told[0]["actor_id"], &told[0]["task_id"]),
        (&json!("Write"), &Value::Null, &task["id"])
    );
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn several_past_offsets_give_one_reminder(db: PgPool) {
    let app = App::new(&db);
    let ann = app.user("Ann").await;
    let due = in_time(TimeDelta::minutes(30));
    task(&app, &ann, Some(due)).await;
    assert_eq!((run(&app, Utc::now()).await, run(&app, Utc::now()).await), (1, 0));
    assert_eq!(run(&app, due).await, 1);
    assert_eq!(kinds(&app, &ann).await, [SOON, OVERDUE]);

    // Of a past and a future offset, only the future one reminds. A past deadline is reported once.
    let (ben, cid) = (app.user("Ben").await, app.user("Cid").await);
    let due = in_time(TimeDelta::hours(5));
    task(&app, &ben, Some(due)).await;
    task(&app, &cid, Some(in_time(-TimeDelta::days(5)))).await;
    assert_eq!(run(&app, Utc::now()).await, 1);
    assert_eq!((kinds(&app, &ben).await.len(), kinds(&app, &cid).await), (0, vec![OVERDUE.into()]));
    assert_eq!(run(&app, due - TimeDelta::hours(1)).await, 1);
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn a_change_of_a_task_moves_or_removes_its_reminders(db: PgPool) {
    let app = App::new(&db);
    let ann = app.user("Ann").await;
    let (due, later) = (in_time(TimeDelta::days(3)), in_time(TimeDelta::days(9)));
    let task = task(&app, &ann, Some(due)).await;
    let path = format!("/v1/tasks/{}", id(&task));
    let patch = async |patch: Value| _ = app.as_user(&ann).patch(&path, patch).await.ok(200);

    patch(json!({ "due_at": later })).await;
    assert_eq!(run(&app, due).await, 0);
    assert_eq!(run(&app, later - TimeDelta::hours(1)).await, 1, "one for both moments that passed");
    // A change that does not concern the deadline changes nothing, and no reminder is repeated.
    patch(json!({ "title": "Write more", "priority": "high" })).await;
    assert_eq!(run(&app, later - TimeDelta::minutes(1)).await, 0);
    patch(json!({ "due_at": null })).await;
    assert_eq!(run(&app, later).await, 0);
    patch(json!({ "due_at": later })).await;
    patch(json!({ "status": "done" })).await;
    assert_eq!(run(&app, later).await, 0);
    patch(json!({ "status": "in_progress" })).await;
    app.as_user(&ann).delete(&path).await.ok(204);
    assert_eq!(run(&app, later).await, 0);
    app.as_user(&ann).post(&format!("{path}/restore"), json!({})).await.ok(200);
    assert_eq!(run(&app, later).await, 1);
    assert_eq!(kinds(&app, &ann).await, [SOON, OVERDUE]);
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn an_outdated_reminder_is_not_sent(db: PgPool) {
    let app = App::new(&db);
    let ann = app.user("Ann").await;
    let due = in_time(TimeDelta::hours(3));
    let job = SendReminders::new(app.db.clone().into(), Queues::new([]));
    for patch in [json!({ "due_at": due + TimeDelta::days(9) }), json!({ "status": "cancelled" })] {
        let task = task(&app, &ann, Some(due)).await;
        assert_eq!(job.run(due, SystemTime::now() + Duration::from_mins(1)).await.unwrap(), 1);
        app.as_user(&ann).patch(&format!("/v1/tasks/{}", id(&task)), patch).await.ok(200);
        app.tell_everyone().await;
    }
    assert!(kinds(&app, &ann).await.is_empty());
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn assignee_or_creator_and_watchers_are_reminded(db: PgPool) {
    let app = App::new(&db);
    let (mia, bob, cat) = (app.manager("Mia").await, app.user("Bob").await, app.user("Cat").await);
    let project = app.project(&mia, "WEB", &[&bob, &cat]).await;
    let due = in_time(TimeDelta::days(3));
    let new = json!({ "title": "Write", "project_id": id(&project), "due_at": due });
    let task = app.task(&mia, new).await;
    let path = format!("/v1/tasks/{}", id(&task));
    app.as_user(&cat).put(&format!("{path}/watchers/me"), None).await.ok(204);
    assert_eq!(run(&app, due - TimeDelta::days(1)).await, 2);
    app.as_user(&mia).patch(&path, json!({ "assignee_id": bob.id })).await.ok(200);
    app.as_user(&cat).put(&format!("{path}/watchers/me"), None).await.ok(204);
    assert_eq!(run(&app, due - TimeDelta::hours(1)).await, 2);
    assert_eq!((kinds(&app, &mia).await, kinds(&app, &cat).await), (vec![SOON.into()], vec![SOON.into(), SOON.into()]));
    assert_eq!(kinds(&app, &bob).await, [SOON]);

    // A member who leaves the project is no longer reminded. The creator is again, because nobody is assigned.
    app.as_user(&cat).delete(&format!("{path}/watchers/me")).await.ok(204);
    app.as_user(&mia).delete(&format!("/v1/projects/{}/members/{}", id(&project), bob.id)).await.ok(204);
    assert_eq!(run(&app, due).await, 1);
    assert_eq!(kinds(&app, &mia).await, [SOON, OVERDUE]);
    assert_eq!(app.count("reminders").await, 1);
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn changed_offsets_apply_to_existing_deadlines(db: PgPool) {
    let app = App::new(&db);
    let ann = app.user("Ann").await;
    let due = in_time(TimeDelta::days(10));
    task(&app, &ann, Some(due)).await;
    let chosen = json!({ "reminder_offsets": ["P1W", "PT0M"] });
    app.as_user(&ann).put("/v1/notification-preferences", Some(chosen)).await.ok(200);
    assert_eq!(run(&app, due - TimeDelta::days(7)).await, 1);
    assert_eq!(run(&app, due - TimeDelta::hours(1)).await, 0);
    let none = json!({ "reminder_offsets": [] });
    app.as_user(&ann).put("/v1/notification-preferences", Some(none)).await.ok(200);
    assert_eq!(run(&app, due).await, 1);
    assert_eq!(kinds(&app, &ann).await, [SOON, OVERDUE]);
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn a_zero_offset_reminds_only_at_the_deadline(db: PgPool) {
    let app = App::new(&db);
    let due = in_time(TimeDelta::days(3));
    for offset in ["PT0M", "P0D", "P0W", "PT0H0M"] {
        let person = app.user(offset).await;
        let chosen = json!({ "reminder_offsets": [offset] });
        app.as_user(&person).put("/v1/notification-preferences", Some(chosen)).await.ok(200);
        task(&app, &person, Some(due)).await;
        assert_eq!(run(&app, due - TimeDelta::seconds(1)).await, 0, "{offset}");
        assert_eq!(run(&app, due).await, 1);
        assert_eq!(kinds(&app, &person).await, [OVERDUE]);
    }
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn concurrent_and_failed_runs_send_each_reminder_once(db: PgPool) {
    let app = App::new(&db);
    let ann = app.user("Ann").await;
    let first = task(&app, &ann, Some(in_time(TimeDelta::days(2)))).await;
    // Many more, as the API would create them one by one.
    app.sql(&format!(
        "INSERT INTO tasks (id, project_id, number, title, due_at, created_by)
         SELECT gen_random_uuid(), project_id, n, 'Task', due_at, created_by FROM tasks, generate_series(2, 1300) n WHERE id = '{}';
         INSERT INTO reminders SELECT id, created_by, due_at, due_at - interval '1 day' FROM tasks WHERE number > 1",
        id(&first)
    ))
    .await;
    let now = in_time(TimeDelta::days(1));
    let job = || SendReminders::new(own_pool(&db).into(), Queues::new([]));
    let deadline = SystemTime::now() + Duration::from_mins(1);

    // One run takes a batch and fails before its commit.
    let own = own_pool(&db);
    let mut dying = Database::from(own.clone()).begin().await.unwrap();
    let taken = reminders::fire(&mut dying, now, 500).await.unwrap();
    assert_eq!(taken, 500);
    let (one, other) = (job(), job());
    let (one, other) = tokio::join!(one.run(now, deadline), other.run(now, deadline));
    let (one, other) = (one.unwrap(), other.unwrap());
    // Which run takes how many is random. Neither waits for the batch that is locked, or repeats the work of the other.
    assert_eq!(one + other, 800, "{one} {other}");
    drop(dying);
    drop(own.acquire().await.unwrap()); // The only connection, which is free again after the rollback.
    assert_eq!(job().run(now, deadline).await.unwrap(), 500);
    assert_eq!(job().run(now, deadline).await.unwrap(), 0);
    let told = "(SELECT DISTINCT payload->>'task_id' FROM outbox WHERE payload->>'event' = 'reminder') t";
    assert_eq!((app.count(told).await, app.count("outbox WHERE payload->>'event' = 'reminder'").await), (1300, 1300));
    // After the deadline of the run nothing is taken.
    assert_eq!(job().run(in_time(TimeDelta::days(3)), SystemTime::now()).await.unwrap(), 0);
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn after_an_outage_useful_reminders_are_sent_once(db: PgPool) {
    let app = App::new(&db);
    let ann = app.user("Ann").await;
    let now = in_time(TimeDelta::days(2));
    // Within three hours without a run, one deadline came within an hour, and another one passed.
    let (near, passed) = (now + TimeDelta::minutes(30), now - TimeDelta::minutes(90));
    task(&app, &ann, Some(near)).await;
    task(&app, &ann, Some(passed)).await;
    assert_eq!(run(&app, now - TimeDelta::hours(3)).await, 2, "a day before");
    assert_eq!(run(&app, now).await, 2);
    assert_eq!(kinds(&app, &ann).await.iter().filter(|kind| *kind == OVERDUE).count(), 1);
    assert_eq!(run(&app, now).await, 0);
    assert_eq!(run(&app, near).await, 1);
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn a_year_of_hourly_runs_sends_each_reminder_once(db: PgPool) {
    let app = App::new(&db);
    let zones = ["Europe/Berlin", "America/New_York", "Asia/Kolkata", "Pacific/Kiritimati", "UTC"];
    let begin = in_time(TimeDelta::days(2));
    let mut people = Vec::new();
    for zone in zones {
        let person = app.user(zone).await;
        app.as_user(&person).patch("/v1/users/me", json!({ "time_zone": zone })).await.ok(200);
        for number in 0..12 {
            task(&app, &person, Some(begin + TimeDelta::days(30 * number + 1) + TimeDelta::minutes(number * 7))).await;
        }
        people.push(person);
    }
    let job = SendReminders::new(own_pool(&db).into(), Queues::new([]));
    let mut taken = 0;
    for hour in 0..365 * 24 {
        let deadline = SystemTime::now() + Duration::from_mins(1);
        taken += job.run(begin + TimeDelta::hours(hour), deadline).await.unwrap();
    }
    assert_eq!(taken, zones.len() * 12 * 3);
    app.tell_everyone().await;
    for person in &people {
        let kinds = kinds(&app, person).await;
        let overdue = kinds.iter().filter(|kind| *kind == OVERDUE).count();
        assert_eq!((overdue, kinds.len()), (12, 36));
    }
}

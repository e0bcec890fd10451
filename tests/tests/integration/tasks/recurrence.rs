use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use serde_json::{Value, json};
use shared::db::PgPool;

use crate::support::{App, Person, each, id, text};

fn every(rrule: &str, time_zone: &str) -> Value {
    json!({ "rrule": rrule, "time_zone": time_zone })
}

async fn complete(app: &App, person: &Person, task: &Value) -> Value {
    app.as_user(person).put(&format!("/v1/tasks/{}/status", id(task)), json!({ "status": "done" })).await.ok(200)
}

/// Returns the open tasks that are not subtasks, the next due first.
async fn open(app: &App, person: &Person) -> Vec<Value> {
    let page = app.as_user(person).get("/v1/tasks?status=todo&sort=due_at&limit=200").await.ok(200);
    page["items"].as_array().unwrap().iter().filter(|task| task["parent_id"].is_null()).cloned().collect()
}

/// Returns the only open task.
async fn next(app: &App, person: &Person) -> Value {
    let open = open(app, person).await;
    assert_eq!(open.len(), 1, "{open:#?}");
    open[0].clone()
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn completion_creates_the_next_occurrence_with_its_subtasks(db: PgPool) {
    let app = App::new(&db);
    let (mia, ann, bob) = (app.manager("mia").await, app.user("ann").await, app.user("bob").await);
    let project = app.project(&mia, "WEB", &[&ann, &bob]).await;
    let new = json!({
        "title": "Review", "description": "Words", "project_id": id(&project), "assignee_id": ann.id, "priority": "high",
        "labels": ["a", "b"], "due_at": "2026-03-23T08:00:00Z", "recurrence": every("FREQ=WEEKLY", "Europe/Berlin"),
    });
    let task = app.task(&mia, new).await;
    app.as_user(&bob).put(&format!("/v1/tasks/{}/watchers/me", id(&task)), None).await.ok(204);
    let part = |title: &str, parent: &Value, due_at: Value| json!({ "title": title, "project_id": id(&project), "parent_id": id(parent), "due_at": due_at, "assignee_id": bob.id });
    let one = app.task(&mia, part("one", &task, json!("2026-03-22T22:30:00Z"))).await;
    app.task(&mia, part("under one", &one, json!(null))).await;
    let two = app.task(&ann, part("two", &task, json!(null))).await;
    complete(&app, &ann, &two).await;
    let gone = app.task(&mia, part("gone", &task, json!(null))).await;
    app.as_user(&mia).delete(&format!("/v1/tasks/{}", id(&gone))).await.ok(204);

    let done = complete(&app, &ann, &task).await;
    assert_eq!((&done["status"], &done["id"], &done["recurrence"]), (&json!("done"), &task["id"], &json!(null)));
    assert_eq!((&done["version"], &done["due_at"]), (&json!(2), &task["due_at"]));

    let again = next(&app, &mia).await;
    let mut expected = task.clone();
    for (field, value) in
        [("key", json!("WEB-6")), ("rank", json!("0000000006")), ("due_at", json!("2026-03-30T07:00:00Z"))]
    {
        expected[field] = value;
    }
    for field in ["id", "created_at", "updated_at"] {
        assert_ne!(again[field], task[field], "{field}");
        expected[field] = again[field].clone();
    }
    assert_eq!(again, expected);
    assert_eq!(app.as_user(&bob).get(&format!("/v1/tasks/{}", id(&again))).await.ok(200)["watching"], true);

    let parts = app.as_user(&mia).get(&format!("/v1/tasks?parent_id={}&sort=title", id(&again))).await.ok(200);
    let shown = |field| each(&parts, field).into_iter().cloned().collect::<Value>();
    assert_eq!(shown("title"), json!(["one", "two"]));
    assert_eq!(shown("status"), json!(["todo", "todo"]));
    // It was due half an hour before midnight in Berlin, and still is, although clocks have changed.
    assert_eq!(shown("due_at"), json!(["2026-03-29T21:30:00Z", null]));
    assert_eq!(shown("created_by"), json!([mia.id, ann.id]));
    assert_eq!(shown("assignee_id"), json!([bob.id, bob.id]));
    let under = app.as_user(&mia).get(&format!("/v1/tasks?parent_id={}", id(&parts["items"][0]))).await.ok(200);
    assert_eq!(each(&under, "title"), ["under one"]);
    assert_eq!(app.count("tasks").await, 9);
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn the_history_names_who_created_the_next_occurrence(db: PgPool) {
    let app = App::new(&db);
    let (mia, ann) = (app.manager("mia").await, app.user("ann").await);
    let project = app.project(&mia, "WEB", &[&ann]).await;
    let recurrence = every("FREQ=DAILY", "UTC");
    let new = json!({ "title": "x", "project_id": id(&project), "assignee_id": ann.id, "due_at": "2026-01-01T09:00:00Z",
                      "recurrence": recurrence });
    let task = app.task(&mia, new).await;
    complete(&app, &ann, &task).await;
    let again = next(&app, &mia).await;
    let history = |task: &Value| {
        let path = format!("/v1/tasks/{}/activity", id(task));
        let client = app.as_user(&mia);
        async move { client.get(&path).await.ok(200)["items"].take() }
    };
    let (of_done, of_next) = (history(&task).await, history(&again).await);
    assert_eq!((&of_done[0]["kind"], &of_done[0]["actor_id"]), (&json!("status_changed"), &json!(ann.id)));
    let expected = json!([
        { "field": "status", "from": "todo", "to": "done" },
        { "field": "recurrence", "from": recurrence, "to": null },
    ]);
    assert_eq!(of_done[0]["changes"], expected);
    assert_eq!(of_next.as_array().unwrap().len(), 1);
    assert_eq!((&of_next[0]["kind"], &of_next[0]["actor_id"]), (&json!("created"), &json!(ann.id)));
    assert_eq!(app.count("activity a JOIN outbox o USING (id) WHERE a.xmin = o.xmin").await, 3);
    assert_eq!(app.count(&format!("outbox WHERE payload->>'task_id' = '{}'", id(&again))).await, 1);
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn count_and_until_end_a_series(db: PgPool) {
    let app = App::new(&db);
    let mia = app.manager("mia").await;
    for rrule in ["FREQ=DAILY;COUNT=3", "FREQ=DAILY;UNTIL=20260103T090000Z"] {
        let new = json!({ "title": rrule, "due_at": "2026-01-01T09:00:00Z", "recurrence": every(rrule, "UTC") });
        app.task(&mia, new).await;
        for day in 1..=3 {
            let task = next(&app, &mia).await;
            assert_eq!(text(&task["due_at"]), format!("2026-01-0{day}T09:00:00Z"));
            assert_eq!(text(&task["recurrence"]["rrule"]), rrule);
            assert_eq!(complete(&app, &mia, &task).await["recurrence"], json!(null));
        }
        assert!(open(&app, &mia).await.is_empty());
    }
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn a_year_of_occurrences_keeps_the_local_time_of_day(db: PgPool) {
    let app = App::new(&db);
    let mia = app.manager("mia").await;
    let recurrence = every("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,WE", "America/New_York");
    app.task(&mia, json!({ "title": "x", "due_at": "2026-01-05T14:00:00Z", "recurrence": recurrence })).await;
    let mut met = Vec::new();
    for _ in 0..53 {
        let task = next(&app, &mia).await;
        let due_at: DateTime<Utc> = text(&task["due_at"]).parse().unwrap();
        met.push(due_at.with_timezone(&Tz::America__New_York));
        complete(&app, &mia, &task).await;
    }
    assert!(met.iter().all(|due_at| due_at.format("%H:%M").to_string() == "09:00"), "{met:?}");
    assert!(met.iter().step_by(2).all(|due_at| due_at.format("%a").to_string() == "Mon"), "{met:?}");
    assert!(met.iter().skip(1).step_by(2).all(|due_at| due_at.format("%a").to_string() == "Wed"), "{met:?}");
    assert_eq!(met[52].to_rfc3339(), "2027-01-04T09:00:00-05:00");
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn repeated_and_concurrent_completions_create_one_occurrence(db: PgPool) {
    let app = App::new(&db);
    let mia = app.manager("mia").await;
    let new = json!({ "title": "x", "due_at": "2026-01-01T09:00:00Z", "recurrence": every("FREQ=DAILY", "UTC") });
    let task = app.task(&mia, new).await;
    let (at, client) = (format!("/v1/tasks/{}", id(&task)), app.as_user(&mia));
    let (status, done) = (format!("{at}/status"), json!({ "status": "done" }));
    let replies = tokio::join!(
        client.put(&status, done.clone()),
        client.patch(&at, done.clone()),
        client.put(&status, done.clone()),
        client.patch(&at, json!({ "status": "done", "title": "x" })),
    );
    for reply in <[_; 4]>::from(replies) {
        let task = reply.ok(200);
        assert_eq!((&task["status"], &task["version"], &task["recurrence"]), (&json!("done"), &json!(2), &json!(null)));
    }
    next(&app, &mia).await;
    // A reopened task is an ordinary task.
    client.put(&status, json!({ "status": "in_progress" })).await.ok(200);
    complete(&app, &mia, &task).await;
    next(&app, &mia).await;
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn a_cancelled_task_recurs_only_after_it_is_completed(db: PgPool) {
    let app = App::new(&db);
    let mia = app.manager("mia").await;
    let recurrence = every("FREQ=DAILY", "UTC");
    let new = json!({ "title": "x", "due_at": "2026-01-01T09:00:00Z", "recurrence": recurrence });
    let task = app.task(&mia, new).await;
    let at = format!("/v1/tasks/{}", id(&task));
    let cancelled = app.as_user(&mia).patch(&at, json!({ "status": "cancelled" })).await.ok(200);
    assert_eq!(cancelled["recurrence"], recurrence);
    assert!(open(&app, &mia).await.is_empty());
    complete(&app, &mia, &task).await;
    assert_eq!(next(&app, &mia).await["due_at"], "2026-01-02T09:00:00Z");
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn recurrence_from_completion_counts_from_the_day_of_completion(db: PgPool) {
    let app = App::new(&db);
    let mia = app.manager("mia").await;
    let recurrence = json!({ "rrule": "FREQ=DAILY;INTERVAL=3", "time_zone": "UTC", "from": "completion" });
    let new = json!({ "title": "x", "due_at": "2020-01-01T09:00:00Z", "recurrence": recurrence });
    let task = app.task(&mia, new).await;
    assert_eq!(task["recurrence"], recurrence);
    let done = complete(&app, &mia, &task).await;
    let completed_at: DateTime<Utc> = text(&done["completed_at"]).parse().unwrap();
    let expected = completed_at.date_naive() + chrono::Days::new(3);
    assert_eq!(text(&next(&app, &mia).await["due_at"]), format!("{expected}T09:00:00Z"));
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn a_changed_due_date_keeps_the_series_and_a_new_rule_restarts_it(db: PgPool) {
    let app = App::new(&db);
    let mia = app.manager("mia").await;
    let rule = |rrule| every(rrule, "UTC");
    let new = json!({ "title": "x", "due_at": "2026-01-05T09:00:00Z", "recurrence": rule("FREQ=WEEKLY;COUNT=4") });
    let mut task = app.task(&mia, new).await;
    // For the first occurrence, a new due date also moves the start of the series.
    for (due_at, next_at) in [
        ("2026-01-06T09:00:00Z", "2026-01-13T09:00:00Z"),
        ("2026-01-15T12:00:00Z", "2026-01-20T09:00:00Z"),
        ("2026-01-18T12:00:00Z", "2026-01-27T09:00:00Z"),
    ] {
        app.as_user(&mia).patch(&format!("/v1/tasks/{}", id(&task)), json!({ "due_at": due_at })).await.ok(200);
        complete(&app, &mia, &task).await;
        task = next(&app, &mia).await;
        assert_eq!(task["due_at"], next_at, "{due_at}");
    }
    // It is the fourth of four; another rule starts to count here.
    let at = format!("/v1/tasks/{}", id(&task));
    app.as_user(&mia).patch(&at, json!({ "recurrence": rule("FREQ=DAILY;COUNT=2") })).await.ok(200);
    for left in [1, 0] {
        let task = next(&app, &mia).await;
        complete(&app, &mia, &task).await;
        assert_eq!(open(&app, &mia).await.len(), left);
    }
    // A rule and the completion in one request.
    let task = app.task(&mia, json!({ "title": "y", "due_at": "2026-01-05T09:00:00Z" })).await;
    let body = json!({ "status": "done", "recurrence": rule("FREQ=DAILY") });
    let done = app.as_user(&mia).patch(&format!("/v1/tasks/{}", id(&task)), body).await.ok(200);
    assert_eq!(done["recurrence"], json!(null));
    let task = next(&app, &mia).await;
    assert_eq!((&task["due_at"], &task["recurrence"]), (&json!("2026-01-06T09:00:00Z"), &rule("FREQ=DAILY")));
    app.as_user(&mia).patch(&format!("/v1/tasks/{}", id(&task)), json!({ "recurrence": null })).await.ok(200);
    complete(&app, &mia, &task).await;
    assert!(open(&app, &mia).await.is_empty());
    // A task that is created as done was not completed.
    let new =
        json!({ "title": "z", "status": "done", "due_at": "2026-01-05T09:00:00Z", "recurrence": rule("FREQ=DAILY") });
    assert_eq!(app.task(&mia, new).await["recurrence"], rule("FREQ=DAILY"));
    assert!(open(&app, &mia).await.is_empty());
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn recurring_subtasks_are_not_copied_and_copies_are_limited(db: PgPool) {
    let app = App::new(&db);
    let mia = app.manager("mia").await;
    let new = json!({ "title": "x", "due_at": "2026-01-05T09:00:00Z", "recurrence": every("FREQ=DAILY", "UTC") });
    let whole = app.task(&mia, new.clone()).await;
    let mut part = new;
    part["parent_id"] = whole["id"].clone();
    let part = app.task(&mia, part).await;
    complete(&app, &mia, &part).await;
    complete(&app, &mia, &whole).await;
    let again = next(&app, &mia).await;
    assert_eq!(app.count(&format!("tasks WHERE parent_id = '{}'", id(&again))).await, 0);
    assert_eq!(app.count(&format!("tasks WHERE parent_id = '{}'", id(&whole))).await, 2);

    app.sql(&format!(
        "INSERT INTO tasks (id, project_id, number, title, created_by, parent_id)
         SELECT gen_random_uuid(), project_id, 1000 + n, 'part', created_by, id FROM tasks, generate_series(1, 201) n WHERE id = '{}'",
        id(&again)
    ))
    .await;
    let before = app.fingerprint().await;
    let at = format!("/v1/tasks/{}/status", id(&again));
    app.as_user(&mia).put(&at, json!({ "status": "done" })).await.ok(409);
    assert_eq!(app.fingerprint().await, before);
    app.sql("DELETE FROM tasks WHERE number = 1001").await;
    app.as_user(&mia).put(&at, json!({ "status": "done" })).await.ok(200);
    let again = next(&app, &mia).await;
    assert_eq!(app.count(&format!("tasks WHERE parent_id = '{}'", id(&again))).await, 200);
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn unsupported_rules_and_missing_due_dates_are_refused(db: PgPool) {
    let app = App::new(&db);
    let mia = app.manager("mia").await;
    let client = app.as_user(&mia);
    let plain = app.task(&mia, json!({ "title": "x", "due_at": "2026-01-05T09:00:00Z" })).await;
    let at = format!("/v1/tasks/{}", id(&plain));
    let before = app.fingerprint().await;
    for rrule in [
        "FREQ=SECONDLY",
        "FREQ=HOURLY",
        "FREQ=DAILY;BYHOUR=9,17",
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=DAILY;INTERVAL=65535",
        "FREQ=DAILY;UNTIL=20250101T000000Z",
        "FREQ=DAILY\nEXDATE:20260106T090000Z",
    ] {
        let new = json!({ "title": "x", "due_at": "2026-01-05T09:00:00Z", "recurrence": every(rrule, "UTC") });
        client.post("/v1/tasks", new).await.wrong(&["/recurrence/rrule"]);
        client.patch(&at, json!({ "recurrence": every(rrule, "UTC") })).await.wrong(&["/recurrence/rrule"]);
    }
    let daily = every("FREQ=DAILY", "UTC");
    client.post("/v1/tasks", json!({ "title": "x", "recurrence": daily })).await.wrong(&["/recurrence"]);
    client.patch(&at, json!({ "recurrence": daily, "due_at": null })).await.wrong(&["/recurrence"]);
    let from = json!({ "rrule": "FREQ=DAILY", "time_zone": "UTC", "from": "now" });
    client.patch(&at, json!({ "recurrence": from })).await.wrong(&["/recurrence/from"]);
    assert_eq!(app.fingerprint().await, before);

    client.patch(&at, json!({ "recurrence": daily })).await.ok(200);
    client.patch(&at, json!({ "due_at": null })).await.wrong(&["/due_at"]);
    client.patch(&at, json!({ "due_at": null, "recurrence": null })).await.ok(200);
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn tasks_with_unchecked_rules_can_be_changed_and_completed(db: PgPool) {
    let app = App::new(&db);
    let mia = app.manager("mia").await;
    let rules = [("null", "FREQ=DAILY"), ("'2026-01-01T00:00:00Z'", "FREQ=SECONDLY")];
    for (due_at, rrule) in rules {
        let task = app.task(&mia, json!({ "title": "x" })).await;
        let (recurrence, id) = (every(rrule, "UTC"), id(&task));
        app.sql(&format!("UPDATE tasks SET due_at = {due_at}, recurrence = '{recurrence}' WHERE id = '{id}'")).await;
        app.as_user(&mia).patch(&format!("/v1/tasks/{id}"), json!({ "title": "y" })).await.ok(200);
        complete(&app, &mia, &task).await;
        assert!(open(&app, &mia).await.is_empty());
    }
}

//! The content of each kind of report.

use chrono::{TimeDelta, Utc};
use serde_json::{Value, json};
use shared::db::PgPool;

use super::{at, month};
use crate::support::{App, Person, id, uuid};

/// Mia's project with Bob as a member, a project of another manager, and helpers that create tasks with times in the
/// past.
struct Office {
    app: App,
    mia: Person,
    bob: Person,
    web: Value,
    elsewhere: Value,
}

impl Office {
    async fn new(db: &PgPool) -> Self {
        let app = App::new(db);
        let (mia, bob, other) = (app.manager("Mia").await, app.user("Bob").await, app.manager("Other").await);
        let web = app.project(&mia, "WEB", &[&bob]).await;
        let elsewhere = app.project(&other, "ELSE", &[&mia, &bob]).await;
        Self { app, mia, bob, web, elsewhere }
    }

    /// Creates a task in WEB, with some of its columns changed.
    async fn task(&self, title: &str, assignee: Option<&Person>, columns: &str) -> Value {
        self.task_in(&self.web, title, assignee, columns).await
    }

    async fn task_in(&self, project: &Value, title: &str, assignee: Option<&Person>, columns: &str) -> Value {
        let new =
            json!({ "title": title, "project_id": project["id"], "assignee_id": assignee.map(|person| person.id) });
        let task = self.app.task(&self.mia, new).await;
        if !columns.is_empty() {
            self.app.sql(&format!("UPDATE tasks SET {columns} WHERE id = '{}'", id(&task))).await;
        }
        task
    }

    async fn of_web(&self, kind: &str) -> Vec<Value> {
        let mut wanted = month(kind, "json");
        wanted["project_id"] = self.web["id"].clone();
        self.app.rows(&self.mia, wanted).await
    }
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn workload_counts_tasks_by_person_and_status(db: PgPool) {
    let office = Office::new(&db).await;
    let bob = Some(&office.bob);
    office.task("todo", bob, "").await;
    office.task("late", bob, "status = 'in_progress', due_at = now() - interval '1 day'").await;
    office.task("done", bob, "status = 'done', completed_at = now() - interval '2 days'").await;
    office.task("done before", bob, "status = 'done', completed_at = now() - interval '31 days'").await;
    office.task("given up", bob, "status = 'cancelled'").await;
    office.task("nobody's", None, "due_at = now() + interval '1 day'").await;
    office.task("in the trash", None, "deleted_at = now()").await;
    office.task_in(&office.elsewhere, "elsewhere", bob, "").await;

    let bobs = json!({ "person_id": office.bob.id, "person": "Bob", "todo": 1, "in_progress": 1, "overdue": 1, "done": 1, "cancelled": 1 });
    let nobodys = json!({ "person_id": null, "person": "(nobody)", "todo": 1, "in_progress": 0, "overdue": 0, "done": 0, "cancelled": 0 });
    assert_eq!(office.of_web("workload").await, [bobs, nobodys]);
    // A user gets their own tasks, from all projects.
    let own = office.app.rows(&office.bob, month("workload", "json")).await;
    assert_eq!((own.len(), &own[0]["todo"], &own[0]["person"]), (1, &json!(2), &json!("Bob")));
    // An administrator gets the tasks of everyone.
    let root = office.app.admin("Root").await;
    let all = office.app.rows(&root, month("workload", "json")).await;
    assert_eq!(all.iter().map(|row| row["todo"].as_i64().unwrap()).sum::<i64>(), 3);
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn completion_counts_tasks_by_day_with_lead_and_cycle_times(db: PgPool) {
    let office = Office::new(&db).await;
    office.app.as_user(&office.mia).patch("/v1/users/me", json!({ "time_zone": "Pacific/Auckland" })).await.ok(200);
    // 11:30 UTC on the first is half past midnight on the second in Auckland.
    for hours in 1..=10 {
        let times = format!(
            "status = 'done', created_at = timestamptz '2026-01-01 11:30Z' - interval '{hours} hours', started_at = {},
             completed_at = '2026-01-01 11:30Z'",
            if hours == 10 { "NULL" } else { "timestamptz '2026-01-01 10:30Z'" },
        );
        office.task("done", None, &times).await;
    }
    office.task("taken up again", None, "created_at = '2026-01-02 12:00Z', status = 'todo', completed_at = NULL").await;
    office
        .task("after", None, "created_at = '2025-01-01 12:00Z', status = 'done', completed_at = '2026-01-03 11:00Z'")
        .await;
    let wanted = json!({
        "kind": "completion", "project_id": office.web["id"],
        "from": "2025-12-31T11:00:00Z", "to": "2026-01-03T11:00:00Z",
    });
    let rows = office.app.rows(&office.mia, wanted).await;
    let dates: Vec<_> = rows.iter().map(|row| (row["step"].as_str().unwrap(), row["date"].as_str())).collect();
    let day = |day| ("day", Some(day));
    assert_eq!(dates, [day("2026-01-01"), day("2026-01-02"), day("2026-01-03"), ("total", None)]);
    let counts = |column: &str| rows.iter().map(|row| row[column].as_i64().unwrap()).collect::<Vec<_>>();
    // Created on the first from 01:30 to 10:30 UTC. In Auckland the second begins at 11:00 UTC.
    assert_eq!((counts("created"), counts("completed")), (vec![10, 0, 1, 11], vec![0, 10, 0, 10]));
    // Lead times are 1 to 10 hours. Cycle times, of the tasks that were started, are one hour each.
    for row in [&rows[1], &rows[3]] {
        assert_eq!(
            [&row["lead_hours_median"], &row["lead_hours_p90"], &row["cycle_hours_median"], &row["cycle_hours_p90"]],
            [&json!(5.5), &json!(9.1), &json!(1.0), &json!(1.0)]
        );
    }
    assert_eq!(rows[0]["lead_hours_median"], json!(null));
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn cycle_time_starts_when_a_task_is_first_in_progress(db: PgPool) {
    let office = Office::new(&db).await;
    let task = office.task("begun twice", None, "created_at = now() - interval '9 hours'").await;
    let path = format!("/v1/tasks/{}", id(&task));
    for status in ["in_progress", "todo", "in_progress", "done"] {
        office.app.as_user(&office.mia).patch(&path, json!({ "status": status })).await.ok(200);
        office.app.sql("UPDATE tasks SET started_at = started_at - interval '3 hours', completed_at = completed_at - interval '1 hour'").await;
    }
    let rows = office.of_web("completion").await;
    let total = rows.last().unwrap();
    assert_eq!((&total["lead_hours_median"], &total["cycle_hours_median"]), (&json!(8.0), &json!(11.0)));
    let begun = office.app.task(&office.mia, json!({ "title": "at once", "status": "in_progress" })).await;
    assert!(
        office.app.one::<bool>(&format!("SELECT started_at = created_at FROM tasks WHERE id = '{}'", id(&begun))).await
    );
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn overdue_lists_tasks_that_were_late_in_the_period(db: PgPool) {
    let office = Office::new(&db).await;
    let late = office.task("late", Some(&office.bob), "due_at = now() - interval '36 hours', priority = 'high'").await;
    office
        .task(
            "done late",
            None,
            "due_at = now() - interval '40 days', status = 'done', completed_at = now() - interval '1 day'",
        )
        .await;
    for (title, columns) in [
        (
            "done in time",
            "due_at = now() - interval '1 day', status = 'done', completed_at = now() - interval '2 days'",
        ),
        (
            "done late, before",
            "due_at = now() - interval '40 days', status = 'done', completed_at = now() - interval '31 days'",
        ),
        ("not yet", "due_at = now() + interval '1 minute'"),
        ("given up", "due_at = now() - interval '1 day', status = 'cancelled'"),
        ("without a deadline", ""),
    ] {
        office.task(title, None, columns).await;
    }
    let rows = office.of_web("overdue").await;
    assert_eq!(rows.iter().map(|row| &row["title"]).collect::<Vec<_>>(), ["done late", "late"]);
    assert_eq!(rows[0]["days_late"], json!(39.0));
    let due_at = office.app.one(&format!("SELECT due_at FROM tasks WHERE id = '{}'", id(&late))).await;
    let expected = json!({
        "key": late["key"], "title": "late", "project": "Project WEB", "assignee": "Bob", "priority": "high", "status": "todo",
        "due_at": at(due_at), "completed_at": null, "days_late": 1.5,
    });
    assert_eq!(rows[1], expected);
    assert_eq!(office.app.rows(&office.bob, month("overdue", "json")).await, [expected], "his own");
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn activity_lists_changes_with_the_names_of_people(db: PgPool) {
    let office = Office::new(&db).await;
    let task = office.task("write", Some(&office.bob), "").await;
    let path = format!("/v1/tasks/{}", id(&task));
    let mia = office.app.as_user(&office.mia);
    mia.patch(&path, json!({ "assignee_id": office.mia.id, "description": "secret", "priority": "low" })).await.ok(200);
    office.app.as_user(&office.bob).post(&format!("{path}/comments"), json!({ "body": "secret" })).await.ok(201);
    office.task_in(&office.elsewhere, "elsewhere", None, "").await;
    let gone = office.task("gone", None, "").await;
    mia.delete(&format!("/v1/tasks/{}", id(&gone))).await.ok(204);
    let old = office.task("long ago", None, "").await;
    let before = Utc::now() - TimeDelta::days(31);
    let first = uuid::Builder::from_unix_timestamp_millis(before.timestamp_millis().try_into().unwrap(), &[1; 10]);
    sqlx::query("UPDATE activity SET id = $1 WHERE task_id = $2")
        .bind(first.into_uuid())
        .bind(uuid(&old))
        .execute(&db)
        .await
        .unwrap();

    let rows = office.of_web("activity").await;
    let said: Vec<_> = rows
        .iter()
        .map(|row| (row["person"].as_str().unwrap(), row["kind"].as_str().unwrap(), row["changes"].as_str()))
        .collect();
    let changes = "description; priority: medium → low; assignee_id: Bob → Mia";
    assert_eq!(
        said,
        [("Mia", "created", None), ("Mia", "assigned", Some(changes)), ("Bob", "commented", Some("comment"))]
    );
    assert_eq!(
        (&rows[0]["key"], &rows[0]["title"], &rows[0]["project"]),
        (&task["key"], &json!("write"), &json!("Project WEB"))
    );
    // A user gets only their own activity.
    let own = office.app.rows(&office.bob, month("activity", "json")).await;
    assert_eq!(own.iter().map(|row| &row["kind"]).collect::<Vec<_>>(), ["commented"]);
}

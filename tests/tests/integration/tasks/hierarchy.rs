use serde_json::{Value, json};
use shared::db::PgPool;
use uuid::Uuid;

use crate::{
    faults::who_waits,
    support::{App, Person, id},
};

async fn three(app: &App) -> (Person, [String; 3]) {
    let mia = app.manager("mia").await;
    let project = app.project(&mia, "WEB", &[]).await;
    let (mut ids, mut parent) = (Vec::new(), Value::Null);
    for title in ["a", "b", "c"] {
        let task = app.task(&mia, json!({ "title": title, "project_id": id(&project), "parent_id": parent })).await;
        parent = task["id"].clone();
        ids.push(id(&task).to_owned());
    }
    (mia, ids.try_into().unwrap())
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn a_task_cannot_be_its_own_ancestor(db: PgPool) {
    let app = App::new(&db);
    let (mia, [a, b, c]) = three(&app).await;
    let before = app.fingerprint().await;
    for (task, parent) in [(&a, &a), (&a, &b), (&a, &c), (&b, &c), (&c, &c)] {
        app.as_user(&mia)
            .patch(&format!("/v1/tasks/{task}"), json!({ "parent_id": parent }))
            .await
            .wrong(&["/parent_id"]);
    }
    assert_eq!(app.fingerprint().await, before);
    app.as_user(&mia).patch(&format!("/v1/tasks/{c}"), json!({ "parent_id": a })).await.ok(200);
    app.as_user(&mia).patch(&format!("/v1/tasks/{b}"), json!({ "parent_id": c })).await.ok(200);
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn a_parent_deleted_during_a_creation_gets_no_subtask(db: PgPool) {
    let app = App::new(&db);
    let (mia, [a, ..]) = three(&app).await;
    let project_id: Uuid = app.one("SELECT project_id FROM tasks").await;
    let part = json!({ "title": "Part", "parent_id": a, "project_id": project_id });
    let mut lock = db.begin().await.unwrap();
    sqlx::query("SELECT id FROM projects FOR UPDATE").execute(&mut *lock).await.unwrap();
    let client = app.as_user(&mia);
    let (reply, ()) = tokio::join!(client.post("/v1/tasks", part), async {
        who_waits(&db).await;
        sqlx::query("UPDATE tasks SET deleted_at = now()").execute(&mut *lock).await.unwrap();
        lock.commit().await.unwrap();
    });
    reply.wrong(&["/parent_id"]);
    assert_eq!(app.count("tasks").await, 3);
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn concurrent_moves_create_no_cycle(db: PgPool) {
    let app = App::new(&db);
    let mia = app.manager("mia").await;
    let project = app.project(&mia, "WEB", &[]).await;
    let client = app.as_user(&mia);
    for _ in 0..5 {
        let new = json!({ "title": "x", "project_id": id(&project) });
        let (a, b) = (app.task(&mia, new.clone()).await, app.task(&mia, new).await);
        let (at_a, at_b) = (format!("/v1/tasks/{}", id(&a)), format!("/v1/tasks/{}", id(&b)));
        let (one, other) = tokio::join!(
            client.patch(&at_a, json!({ "parent_id": id(&b) })),
            client.patch(&at_b, json!({ "parent_id": id(&a) })),
        );
        let mut statuses = [one.status, other.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 422], "{one}\n{other}");
    }
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn a_parent_must_be_an_undeleted_task_of_the_same_project(db: PgPool) {
    let app = App::new(&db);
    let (mia, [a, b, _]) = three(&app).await;
    let elsewhere = app.task(&mia, json!({ "title": "in the Inbox" })).await;
    let project = &app.as_user(&mia).get(&format!("/v1/tasks/{a}")).await.ok(200)["project_id"];
    let lone = app.task(&mia, json!({ "title": "x", "project_id": project })).await;
    let trashed = app.task(&mia, json!({ "title": "y", "project_id": project })).await;
    app.as_user(&mia).delete(&format!("/v1/tasks/{}", id(&trashed))).await.ok(204);
    let at = format!("/v1/tasks/{}", id(&lone));
    for parent in [&elsewhere["id"], &trashed["id"], &json!(uuid::Uuid::now_v7())] {
        app.as_user(&mia).patch(&at, json!({ "parent_id": parent })).await.wrong(&["/parent_id"]);
    }
    app.as_user(&mia).patch(&at, json!({ "parent_id": b })).await.ok(200);
}

/// Adds a chain of tasks below a task, or all directly below it, as before trees had limits. Returns the last.
async fn grow(app: &App, under: &str, count: usize, in_line: bool) -> String {
    let above = if in_line { "lag(id) OVER (ORDER BY n)" } else { "NULL::uuid" };
    app.sql(&format!(
        "WITH made AS MATERIALIZED (SELECT gen_random_uuid() AS id, n FROM generate_series(1, {count}) n),
         placed AS (SELECT id, n, {above} AS above FROM made)
         INSERT INTO tasks (id, project_id, number, title, created_by, parent_id)
         SELECT placed.id, t.project_id, 1000 + n, 'grown', t.created_by, COALESCE(above, t.id)
         FROM tasks t, placed WHERE t.id = '{under}'"
    ))
    .await;
    app.one::<Uuid>("SELECT id FROM tasks ORDER BY number DESC LIMIT 1").await.to_string()
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn a_tree_has_at_most_five_levels(db: PgPool) {
    let app = App::new(&db);
    let (mia, [a, b, c]) = three(&app).await;
    let client = app.as_user(&mia);
    let project: Uuid = app.one("SELECT project_id FROM tasks LIMIT 1").await;
    let new = |parent: &str| json!({ "title": "x", "project_id": project, "parent_id": parent });
    let d = client.post("/v1/tasks", new(&c)).await.ok(201);
    let e = client.post("/v1/tasks", new(id(&d))).await.ok(201);
    let before = app.fingerprint().await;
    client.post("/v1/tasks", new(id(&e))).await.wrong(&["/parent_id"]);
    app.as_user(&mia).idempotency_key("k").post("/v1/tasks", new(id(&e))).await.wrong(&["/parent_id"]);
    assert_eq!(app.fingerprint().await, before);
    // The subtasks of a task that is attached count, too.
    let other = app.task(&mia, json!({ "title": "other", "project_id": project })).await;
    app.task(&mia, new(id(&other))).await;
    let at = format!("/v1/tasks/{}", id(&other));
    client.patch(&at, json!({ "parent_id": id(&d) })).await.wrong(&["/parent_id"]);
    client.patch(&at, json!({ "parent_id": c })).await.ok(200);

    // A tree that is deeper already may be edited, rearranged and deleted, but it does not grow.
    let last = grow(&app, id(&e), 3, true).await;
    client.post("/v1/tasks", new(&last)).await.wrong(&["/parent_id"]);
    client.patch(&at, json!({ "parent_id": last })).await.wrong(&["/parent_id"]);
    client.patch(&format!("/v1/tasks/{last}"), json!({ "title": "edited" })).await.ok(200);
    // Another tree does not grow beyond the limit either, however deep the task was before.
    let mut above = None;
    for _ in 0..3 {
        above = Some(
            id(&app.task(&mia, json!({ "title": "x", "project_id": project, "parent_id": above })).await).to_owned(),
        );
    }
    client.patch(&format!("/v1/tasks/{}", id(&e)), json!({ "parent_id": above })).await.wrong(&["/parent_id"]);
    client.patch(&format!("/v1/tasks/{}", id(&e)), json!({ "parent_id": c })).await.ok(200);
    client.patch(&format!("/v1/tasks/{b}"), json!({ "parent_id": null })).await.ok(200);
    let lab = app.project(&mia, "LAB", &[]).await;
    client.patch(&format!("/v1/tasks/{b}"), json!({ "project_id": id(&lab) })).await.ok(200);
    client.delete(&format!("/v1/tasks/{b}")).await.ok(204);
    client.post(&format!("/v1/tasks/{b}/restore"), None).await.ok(200);
    client.get(&format!("/v1/tasks/{a}")).await.ok(200);
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn a_tree_has_at_most_500_tasks_including_the_trash(db: PgPool) {
    let app = App::new(&db);
    let (mia, [a, b, _]) = three(&app).await;
    let client = app.as_user(&mia);
    let project: Uuid = app.one("SELECT project_id FROM tasks LIMIT 1").await;
    let new = |parent: &str| json!({ "title": "x", "project_id": project, "parent_id": parent });
    let grown = grow(&app, &a, 495, false).await;
    let pair = app.task(&mia, json!({ "title": "pair", "project_id": project })).await;
    app.task(&mia, new(id(&pair))).await;
    let at = format!("/v1/tasks/{}", id(&pair));
    client.post("/v1/tasks", new(&b)).await.ok(201);
    client.patch(&at, json!({ "parent_id": a })).await.wrong(&["/parent_id"]);
    client.post("/v1/tasks", new(&b)).await.ok(201);
    client.post("/v1/tasks", new(&b)).await.wrong(&["/parent_id"]);
    client.delete(&format!("/v1/tasks/{grown}")).await.ok(204);
    client.post("/v1/tasks", new(&b)).await.wrong(&["/parent_id"]);
    client.patch(&format!("/v1/tasks/{b}"), json!({ "title": "edited" })).await.ok(200);
    // Moves within the tree are allowed, and a task that left may return while there is room.
    app.sql("UPDATE tasks SET deleted_at = NULL").await;
    client.patch(&format!("/v1/tasks/{grown}"), json!({ "parent_id": b })).await.ok(200);
    client.patch(&format!("/v1/tasks/{grown}"), json!({ "parent_id": null })).await.ok(200);
    client.patch(&format!("/v1/tasks/{grown}"), json!({ "parent_id": b })).await.ok(200);
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn a_recurring_task_in_a_full_tree_cannot_be_completed(db: PgPool) {
    let app = App::new(&db);
    let (mia, [a, b, _]) = three(&app).await;
    let project: Uuid = app.one("SELECT project_id FROM tasks LIMIT 1").await;
    let recurrence = json!({ "rrule": "FREQ=DAILY", "time_zone": "UTC" });
    let new = json!({ "title": "x", "project_id": project, "parent_id": b, "due_at": "2026-01-05T09:00:00Z", "recurrence": recurrence });
    let task = app.task(&mia, new).await;
    grow(&app, &a, 496, false).await;
    let at = format!("/v1/tasks/{}/status", id(&task));
    let before = app.fingerprint().await;
    app.as_user(&mia).put(&at, json!({ "status": "done" })).await.ok(409);
    assert_eq!(app.fingerprint().await, before);
    app.sql("DELETE FROM tasks WHERE number = 1001").await;
    app.as_user(&mia).put(&at, json!({ "status": "done" })).await.ok(200);
}

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
async fn a_task_is_never_a_part_of_itself(db: PgPool) {
    let app = App::new(&db);
    let (mia, [a, b, c]) = three(&app).await;
    let before = app.fingerprint().await;
    for (task, parent) in [(&a, &a), (&a, &b), (&a, &c), (&b, &c), (&c, &c)] {
        app.as_(&mia).patch(&format!("/v1/tasks/{task}"), json!({ "parent_id": parent })).await.wrong(&["/parent_id"]);
    }
    assert_eq!(app.fingerprint().await, before);
    app.as_(&mia).patch(&format!("/v1/tasks/{c}"), json!({ "parent_id": a })).await.ok(200);
    app.as_(&mia).patch(&format!("/v1/tasks/{b}"), json!({ "parent_id": c })).await.ok(200);
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn a_parent_that_goes_while_a_creation_waits_gets_no_part(db: PgPool) {
    let app = App::new(&db);
    let (mia, [a, ..]) = three(&app).await;
    let project_id: Uuid = app.one("SELECT project_id FROM tasks").await;
    let part = json!({ "title": "Part", "parent_id": a, "project_id": project_id });
    let mut lock = db.begin().await.unwrap();
    sqlx::query("SELECT id FROM projects FOR UPDATE").execute(&mut *lock).await.unwrap();
    let client = app.as_(&mia);
    let (reply, ()) = tokio::join!(client.post("/v1/tasks", part), async {
        who_waits(&db).await;
        sqlx::query("UPDATE tasks SET deleted_at = now()").execute(&mut *lock).await.unwrap();
        lock.commit().await.unwrap();
    });
    reply.wrong(&["/parent_id"]);
    assert_eq!(app.count("tasks").await, 3);
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn two_tasks_do_not_become_one_anothers_parents_at_once(db: PgPool) {
    let app = App::new(&db);
    let mia = app.manager("mia").await;
    let project = app.project(&mia, "WEB", &[]).await;
    let client = app.as_(&mia);
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
async fn a_parent_is_a_task_in_use_of_the_same_project(db: PgPool) {
    let app = App::new(&db);
    let (mia, [a, b, _]) = three(&app).await;
    let elsewhere = app.task(&mia, json!({ "title": "in the Inbox" })).await;
    let project = &app.as_(&mia).get(&format!("/v1/tasks/{a}")).await.ok(200)["project_id"];
    let lone = app.task(&mia, json!({ "title": "x", "project_id": project })).await;
    let trashed = app.task(&mia, json!({ "title": "y", "project_id": project })).await;
    app.as_(&mia).delete(&format!("/v1/tasks/{}", id(&trashed))).await.ok(204);
    let at = format!("/v1/tasks/{}", id(&lone));
    for parent in [&elsewhere["id"], &trashed["id"], &json!(uuid::Uuid::now_v7())] {
        app.as_(&mia).patch(&at, json!({ "parent_id": parent })).await.wrong(&["/parent_id"]);
    }
    app.as_(&mia).patch(&at, json!({ "parent_id": b })).await.ok(200);
}

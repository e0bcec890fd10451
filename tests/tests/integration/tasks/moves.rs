use serde_json::json;
use shared::db::PgPool;

use crate::support::{App, id};

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn a_task_that_moves_gets_a_key_of_its_new_project_and_leaves_its_parent(db: PgPool) {
    let app = App::new(&db);
    let mia = app.manager("mia").await;
    let (web, lab) = (app.project(&mia, "WEB", &[]).await, app.project(&mia, "LAB", &[]).await);
    app.task(&mia, json!({ "title": "first there", "project_id": id(&lab) })).await;
    let parent = app.task(&mia, json!({ "title": "whole", "project_id": id(&web) })).await;
    let task = app
        .task(&mia, json!({ "title": "part", "project_id": id(&web), "parent_id": id(&parent), "labels": ["a"] }))
        .await;

    let reply = app.as_(&mia).patch("/v1/tasks/WEB-2", json!({ "project_id": id(&lab) })).await;
    assert_eq!(reply.etag(), "\"2\"");
    let moved = reply.ok(200);
    let mut expected = task.clone();
    for (field, value) in
        [("key", json!("LAB-2")), ("project_id", lab["id"].clone()), ("parent_id", json!(null)), ("version", json!(2))]
    {
        expected[field] = value;
    }
    expected["updated_at"] = moved["updated_at"].clone();
    assert_eq!(moved, expected);
    assert_eq!(app.as_(&mia).get("/v1/tasks/LAB-2").await.ok(200), moved);
    app.as_(&mia).get("/v1/tasks/WEB-2").await.ok(404);

    let next = app.task(&mia, json!({ "title": "x", "project_id": id(&web) })).await;
    assert_eq!(next["key"], "WEB-3", "a number is never given twice");
    let back = app
        .as_(&mia)
        .patch("/v1/tasks/LAB-2", json!({ "project_id": id(&web), "parent_id": id(&parent) }))
        .await
        .ok(200);
    assert_eq!((&back["key"], &back["parent_id"], &back["id"]), (&json!("WEB-4"), &parent["id"], &task["id"]));
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn a_task_moves_only_where_it_and_its_assignee_belong(db: PgPool) {
    let app = App::new(&db);
    let (mia, eve, ann) = (app.manager("mia").await, app.manager("eve").await, app.user("ann").await);
    let (web, lab) = (app.project(&mia, "WEB", &[&ann]).await, app.project(&mia, "LAB", &[]).await);
    let hers = app.project(&eve, "EVE", &[]).await;
    let task = app.task(&mia, json!({ "title": "x", "project_id": id(&web), "assignee_id": ann.id })).await;
    let at = format!("/v1/tasks/{}", id(&task));
    let before = app.fingerprint().await;
    app.as_(&mia).patch(&at, json!({ "project_id": id(&hers) })).await.wrong(&["/project_id"]);
    app.as_(&mia).patch(&at, json!({ "project_id": uuid::Uuid::now_v7() })).await.wrong(&["/project_id"]);
    app.as_(&mia).patch(&at, json!({ "project_id": id(&lab) })).await.wrong(&["/assignee_id"]);
    assert_eq!(app.fingerprint().await, before);
    let moved = app.as_(&mia).patch(&at, json!({ "project_id": id(&lab), "assignee_id": mia.id })).await.ok(200);
    assert_eq!((&moved["key"], &moved["assignee_id"]), (&json!("LAB-1"), &json!(mia.id)));
    app.as_(&ann).get(&at).await.ok(404);
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn a_task_with_subtasks_stays_until_they_are_gone(db: PgPool) {
    let app = App::new(&db);
    let mia = app.manager("mia").await;
    let (web, lab) = (app.project(&mia, "WEB", &[]).await, app.project(&mia, "LAB", &[]).await);
    let whole = app.task(&mia, json!({ "title": "whole", "project_id": id(&web) })).await;
    let part = app.task(&mia, json!({ "title": "part", "project_id": id(&web), "parent_id": id(&whole) })).await;
    let (at, to_lab) = (format!("/v1/tasks/{}", id(&whole)), json!({ "project_id": id(&lab) }));
    app.as_(&mia).patch(&at, to_lab.clone()).await.ok(409);
    app.as_(&mia).patch(&format!("/v1/tasks/{}", id(&part)), to_lab.clone()).await.ok(200);
    let moved = app.as_(&mia).patch(&at, to_lab).await.ok(200);
    assert_eq!(moved["key"], "LAB-2");
}

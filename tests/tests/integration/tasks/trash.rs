use serde_json::{Value, json};
use shared::db::PgPool;

use crate::support::{App, Person, id, text, titles};

fn at(task: &Value) -> String {
    format!("/v1/tasks/{}", id(task))
}

async fn listed(app: &App, caller: &Person, query: &str) -> Vec<String> {
    let page = app.as_user(caller).get(&format!("/v1/tasks?sort=title&{query}")).await.ok(200);
    titles(&page).into_iter().map(str::to_owned).collect()
}

/// Creates tasks a ⊃ b ⊃ c, and d by itself.
async fn family(app: &App) -> (Person, [Value; 4]) {
    let mia = app.manager("mia").await;
    let project = app.project(&mia, "WEB", &[]).await;
    let mut tasks: Vec<Value> = Vec::new();
    for title in ["a", "b", "c", "d"] {
        let parent = tasks.last().filter(|_| title != "d").map(|parent| parent["id"].clone());
        tasks.push(app.task(&mia, json!({ "title": title, "project_id": id(&project), "parent_id": parent })).await);
    }
    (mia, tasks.try_into().unwrap())
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn a_task_is_deleted_and_restored_with_its_subtasks(db: PgPool) {
    let app = App::new(&db);
    let (mia, [a, b, c, _]) = family(&app).await;
    app.as_user(&mia).delete(&at(&a)).await.ok(204);
    for gone in [&a, &b, &c] {
        app.as_user(&mia).get(&at(gone)).await.ok(404);
        app.as_user(&mia).patch(&at(gone), json!({ "title": "x" })).await.ok(404);
        app.as_user(&mia).delete(&at(gone)).await.ok(404);
        app.as_user(&mia).get(&format!("{}/activity", at(gone))).await.ok(404);
        app.as_user(&mia).post(&format!("{}/comments", at(gone)), json!({ "body": "x" })).await.ok(404);
    }
    assert_eq!(listed(&app, &mia, "").await, ["d"]);
    assert_eq!(listed(&app, &mia, "deleted=true").await, ["a", "b", "c"]);
    let trashed = app.as_user(&mia).get("/v1/tasks?deleted=true").await.ok(200);
    assert!(trashed["items"][0]["deleted_at"].is_string());

    let restored = app.as_user(&mia).post(&format!("{}/restore", at(&a)), None).await;
    assert_eq!(restored.etag(), "\"3\"");
    let restored = restored.ok(200);
    assert_eq!((&restored["deleted_at"], &restored["key"]), (&json!(null), &a["key"]));
    assert_eq!(listed(&app, &mia, "").await, ["a", "b", "c", "d"]);
    assert_eq!(app.as_user(&mia).get(&at(&c)).await.ok(200)["parent_id"], b["id"]);
    app.as_user(&mia).post(&format!("{}/restore", at(&a)), None).await.ok(404);
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn tasks_deleted_earlier_are_not_restored_with_their_parent(db: PgPool) {
    let app = App::new(&db);
    let (mia, [a, b, c, d]) = family(&app).await;
    app.as_user(&mia).delete(&at(&c)).await.ok(204);
    app.as_user(&mia).delete(&at(&a)).await.ok(204);
    app.as_user(&mia).post(&format!("{}/restore", at(&c)), None).await.ok(409);
    app.as_user(&mia).post(&format!("{}/restore", at(&b)), None).await.ok(409);
    app.as_user(&mia).post(&format!("{}/restore", at(&a)), None).await.ok(200);
    assert_eq!(listed(&app, &mia, "").await, ["a", "b", "d"]);
    app.as_user(&mia).post(&format!("{}/restore", at(&c)), None).await.ok(200);
    assert_eq!(listed(&app, &mia, "").await, ["a", "b", "c", "d"]);

    // The same with a project.
    app.as_user(&mia).delete(&at(&d)).await.ok(204);
    let project = format!("/v1/projects/{}", text(&a["project_id"]));
    app.as_user(&mia).delete(&project).await.ok(204);
    assert_eq!(listed(&app, &mia, "").await, [""; 0]);
    app.as_user(&mia).post(&format!("{}/restore", at(&d)), None).await.ok(409);
    app.as_user(&mia).post(&format!("{project}/restore"), None).await.ok(200);
    assert_eq!(listed(&app, &mia, "").await, ["a", "b", "c"]);
    assert_eq!(listed(&app, &mia, "deleted=true").await, ["d"]);
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn deletion_requires_the_right_to_delete_every_subtask(db: PgPool) {
    let app = App::new(&db);
    let (mia, ann, bob) = (app.manager("mia").await, app.user("ann").await, app.user("bob").await);
    let project = app.project(&mia, "WEB", &[&ann, &bob]).await;
    let whole = app.task(&ann, json!({ "title": "whole", "project_id": id(&project) })).await;
    app.task(&bob, json!({ "title": "part", "project_id": id(&project), "parent_id": id(&whole) })).await;
    let before = app.fingerprint().await;
    app.as_user(&ann).delete(&at(&whole)).await.ok(403);
    assert_eq!(app.fingerprint().await, before);
    app.as_user(&mia).delete(&at(&whole)).await.ok(204);
    app.as_user(&bob).post(&format!("{}/restore", at(&whole)), None).await.ok(403);
    app.as_user(&ann).post(&format!("{}/restore", at(&whole)), None).await.ok(200);
    assert_eq!(listed(&app, &bob, "").await, ["part", "whole"]);
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn the_trash_shows_visible_tasks_only(db: PgPool) {
    let app = App::new(&db);
    let (mia, eve) = (app.manager("mia").await, app.manager("eve").await);
    let ada = app.admin("ada").await;
    let task = app.task(&mia, json!({ "title": "mine" })).await;
    app.as_user(&mia).delete(&at(&task)).await.ok(204);
    assert_eq!(listed(&app, &eve, "deleted=true").await, [""; 0]);
    app.as_user(&eve).post(&format!("{}/restore", at(&task)), None).await.ok(404);
    assert_eq!(listed(&app, &ada, "deleted=true").await, ["mine"]);
}

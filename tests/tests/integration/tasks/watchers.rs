use serde_json::json;
use shared::db::PgPool;

use crate::support::{App, each, id};

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn watching_is_personal_and_idempotent(db: PgPool) {
    let app = App::new(&db);
    let (mia, ann) = (app.manager("mia").await, app.user("ann").await);
    let project = app.project(&mia, "WEB", &[&ann]).await;
    let task = app.task(&mia, json!({ "title": "x", "project_id": id(&project) })).await;
    let (at, watch) = (format!("/v1/tasks/{}", id(&task)), format!("/v1/tasks/{}/watchers/me", id(&task)));
    for (method, watching) in [("PUT", true), ("PUT", true), ("DELETE", false), ("DELETE", false), ("PUT", true)] {
        app.as_user(&ann).send(method, &watch, None).await.ok(204);
        let shown = app.as_user(&ann).get(&at).await;
        assert_eq!(shown.etag(), "\"1\"", "the task does not change");
        assert_eq!(shown.ok(200)["watching"], watching);
        assert_eq!(each(&app.as_user(&ann).get("/v1/tasks").await.ok(200), "watching"), [watching]);
        assert_eq!(app.as_user(&mia).get(&at).await.ok(200)["watching"], false);
    }
    let patched = app.as_user(&mia).patch(&at, json!({ "assignee_id": ann.id })).await.ok(200);
    assert_eq!(patched["watching"], false);
    let patched = app.as_user(&ann).patch(&at, json!({ "title": "y" })).await.ok(200);
    assert_eq!(patched["watching"], true);
    app.as_user(&mia).delete(&format!("/v1/projects/{}/members/{}", id(&project), ann.id)).await.ok(204);
    assert_eq!(app.count("watchers").await, 0, "who leaves a project watches nothing in it");
}

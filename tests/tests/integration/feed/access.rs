//! What a feed shows to whom.

use serde_json::{Value, json};
use shared::db::PgPool;

use super::{at, changes, events};
use crate::support::{App, id};

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn who_may_not_see_the_project_gets_404_whatever_the_parameters(db: PgPool) {
    let app = App::new(&db);
    let (mia, ann, sid) = (app.manager("mia").await, app.user("ann").await, app.user("sid").await);
    let web = app.project(&mia, "WEB", &[&ann]).await;
    let queries =
        ["", "?since=0", "?since=99", "?since=-1", "?since=x", "?since=9999999999", "?sinse=1", "?since=1&since=2"];
    for query in queries {
        assert_eq!(app.as_user(&sid).get(&format!("{}{query}", at(&web))).await.status, 404, "{query}");
    }
    let expected = [200, 200, 410, 400, 400, 400, 400, 400];
    for (query, status) in queries.into_iter().zip(expected) {
        assert_eq!(app.as_user(&ann).get(&format!("{}{query}", at(&web))).await.status, status, "{query}");
    }
    app.as_user(&mia).delete(&format!("/v1/projects/{}/members/{}", id(&web), ann.id)).await.ok(204);
    assert_eq!(app.as_user(&ann).get(&format!("{}?since=0", at(&web))).await.status, 404, "a former member");
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn what_left_the_project_or_is_in_the_trash_is_shown_by_its_id(db: PgPool) {
    let app = App::new(&db);
    let (mia, ann) = (app.manager("mia").await, app.user("ann").await);
    let (web, lab) = (app.project(&mia, "WEB", &[&ann]).await, app.project(&mia, "LAB", &[]).await);
    let task = app.task(&mia, json!({ "title": "Open", "project_id": id(&web) })).await;
    let path = format!("/v1/tasks/{}", id(&task));
    let comment = app.as_user(&mia).post(&format!("{path}/comments"), json!({ "body": "hi" })).await.ok(201);
    let (only_task, only_comment) =
        (json!({ "id": task["id"] }), json!({ "id": comment["id"], "task_id": task["id"] }));
    let shown = async || {
        let items = changes(&app, &ann, &web, 1).await;
        (items[0]["task"].clone(), items[1]["comment"].clone())
    };
    assert_eq!(shown().await.1, comment);

    app.as_user(&mia).delete(&path).await.ok(204);
    assert_eq!(shown().await, (only_task.clone(), only_comment.clone()));
    app.as_user(&mia).post(&format!("{path}/restore"), None).await.ok(200);
    assert_eq!(shown().await.1, comment);

    app.as_user(&mia).patch(&path, json!({ "project_id": id(&lab), "title": "Secret" })).await.ok(200);
    app.as_user(&mia).patch(&format!("/v1/comments/{}", id(&comment)), json!({ "body": "Secret" })).await.ok(200);
    assert_eq!(shown().await, (only_task, only_comment));
    let items = changes(&app, &ann, &web, 1).await;
    assert_eq!(events(&items), ["created", "commented", "deleted", "restored", "moved_out"]);
    assert!(!json!(items).to_string().contains("Secret"), "{items:?}");

    // It comes back as it is now, and a deleted comment stays away.
    app.as_user(&mia).patch(&path, json!({ "project_id": id(&web), "title": "Back" })).await.ok(200);
    app.as_user(&mia).delete(&format!("/v1/comments/{}", id(&comment))).await.ok(204);
    let (back, gone) = shown().await;
    assert_eq!((&back["title"], &gone["body"]), (&json!("Back"), &Value::Null));
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn a_comment_from_an_inbox_is_shown_to_its_author_only(db: PgPool) {
    let app = App::new(&db);
    let (mia, ann) = (app.manager("mia").await, app.user("ann").await);
    let web = app.project(&mia, "WEB", &[&ann]).await;
    let task = app.task(&mia, json!({ "title": "Mine" })).await;
    let path = format!("/v1/tasks/{}", id(&task));
    let comment = app.as_user(&mia).post(&format!("{path}/comments"), json!({ "body": "Secret" })).await.ok(201);
    app.as_user(&mia).patch(&path, json!({ "project_id": id(&web) })).await.ok(200);
    let of_comment = format!("/v1/comments/{}", id(&comment));
    let changed = app.as_user(&mia).patch(&of_comment, json!({ "body": "Secret too" })).await.ok(200);

    let hers = changes(&app, &mia, &web, 1).await;
    assert_eq!((events(&hers), &hers[1]["comment"]), (vec!["moved_in", "comment_changed"], &changed));
    let his = changes(&app, &ann, &web, 1).await;
    assert_eq!((events(&his), &his[1]["task"]["title"]), (vec!["moved_in", "updated"], &json!("Mine")));
    app.as_user(&mia).delete(&of_comment).await.ok(204);
    assert_eq!(events(&changes(&app, &mia, &web, 1).await), ["moved_in", "comment_changed", "comment_deleted"]);
    let his = changes(&app, &ann, &web, 1).await;
    assert_eq!(events(&his), ["moved_in", "updated", "updated"]);
    let text = json!(his).to_string();
    assert!(!text.contains("Secret") && !text.contains(id(&comment)), "{text}");
}

/// An administrator sees the Inbox. What was said there is private once the task has left, also when it is back.
#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn a_private_comment_stays_private_when_its_task_is_back_in_the_inbox(db: PgPool) {
    let app = App::new(&db);
    let (mia, root) = (app.manager("mia").await, app.admin("root").await);
    let web = app.project(&mia, "WEB", &[]).await;
    let task = app.task(&mia, json!({ "title": "Mine" })).await;
    let (inbox, path) = (json!({ "id": task["project_id"] }), format!("/v1/tasks/{}", id(&task)));
    app.as_user(&mia).post(&format!("{path}/comments"), json!({ "body": "Secret" })).await.ok(201);
    for project in [&web, &inbox] {
        app.as_user(&mia).patch(&path, json!({ "project_id": id(project) })).await.ok(200);
    }
    assert_eq!(events(&changes(&app, &mia, &inbox, 0).await)[1], "commented");
    let seen = changes(&app, &root, &inbox, 0).await;
    assert!(events(&seen)[1] == "updated" && !json!(seen).to_string().contains("Secret"), "{seen:?}");
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn a_feed_shows_nothing_that_depends_on_its_reader(db: PgPool) {
    let app = App::new(&db);
    let (mia, ann) = (app.manager("mia").await, app.user("ann").await);
    let web = app.project(&mia, "WEB", &[&ann]).await;
    let task = app.task(&mia, json!({ "title": "Watch", "project_id": id(&web) })).await;
    app.as_user(&ann).put(&format!("/v1/tasks/{}/watchers/me", id(&task)), None).await.ok(204);
    let his = changes(&app, &ann, &web, 0).await;
    assert_eq!(his, changes(&app, &mia, &web, 0).await);
    assert_eq!(his[1]["task"].get("watching"), None);
}

use serde_json::{Value, json};
use shared::db::PgPool;

use crate::support::{App, each, id, text};

fn at(task: &Value) -> String {
    format!("/v1/tasks/{}", id(task))
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn a_moved_task_gets_a_new_key_and_leaves_its_parent(db: PgPool) {
    let app = App::new(&db);
    let mia = app.manager("mia").await;
    let (web, lab) = (app.project(&mia, "WEB", &[]).await, app.project(&mia, "LAB", &[]).await);
    app.task(&mia, json!({ "title": "first there", "project_id": id(&lab) })).await;
    let parent = app.task(&mia, json!({ "title": "whole", "project_id": id(&web) })).await;
    let task = app
        .task(&mia, json!({ "title": "part", "project_id": id(&web), "parent_id": id(&parent), "labels": ["a"] }))
        .await;

    let reply = app.as_user(&mia).patch("/v1/tasks/WEB-2", json!({ "project_id": id(&lab) })).await;
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
    assert_eq!(app.as_user(&mia).get("/v1/tasks/LAB-2").await.ok(200), moved);
    let found = app.as_user(&mia).get("/v1/tasks/WEB-2").await.ok(200);
    assert_eq!(found["key"], "LAB-2", "the former key goes on naming it");

    let next = app.task(&mia, json!({ "title": "x", "project_id": id(&web) })).await;
    assert_eq!(next["key"], "WEB-3", "a number is never given twice");
    let back = app
        .as_user(&mia)
        .patch("/v1/tasks/LAB-2", json!({ "project_id": id(&web), "parent_id": id(&parent) }))
        .await
        .ok(200);
    assert_eq!((&back["key"], &back["parent_id"], &back["id"]), (&json!("WEB-4"), &parent["id"], &task["id"]));
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn a_move_requires_membership_of_caller_and_assignee(db: PgPool) {
    let app = App::new(&db);
    let (mia, eve, ann) = (app.manager("mia").await, app.manager("eve").await, app.user("ann").await);
    let (web, lab) = (app.project(&mia, "WEB", &[&ann]).await, app.project(&mia, "LAB", &[]).await);
    let hers = app.project(&eve, "EVE", &[]).await;
    let task = app.task(&mia, json!({ "title": "x", "project_id": id(&web), "assignee_id": ann.id })).await;
    let at = format!("/v1/tasks/{}", id(&task));
    let before = app.fingerprint().await;
    app.as_user(&mia).patch(&at, json!({ "project_id": id(&hers) })).await.wrong(&["/project_id"]);
    app.as_user(&mia).patch(&at, json!({ "project_id": uuid::Uuid::now_v7() })).await.wrong(&["/project_id"]);
    app.as_user(&mia).patch(&at, json!({ "project_id": id(&lab) })).await.wrong(&["/assignee_id"]);
    assert_eq!(app.fingerprint().await, before);
    let moved = app.as_user(&mia).patch(&at, json!({ "project_id": id(&lab), "assignee_id": mia.id })).await.ok(200);
    assert_eq!((&moved["key"], &moved["assignee_id"]), (&json!("LAB-1"), &json!(mia.id)));
    app.as_user(&ann).get(&at).await.ok(404);
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn a_move_includes_subtasks_and_trashed_subtasks(db: PgPool) {
    let app = App::new(&db);
    let mia = app.manager("mia").await;
    let (web, lab) = (app.project(&mia, "WEB", &[]).await, app.project(&mia, "LAB", &[]).await);
    let parent = app.task(&mia, json!({ "title": "there", "project_id": id(&lab) })).await;
    let part = |title: &str, parent: Option<&Value>| json!({ "title": title, "project_id": id(&web), "parent_id": parent.map(id) });
    let whole = app.task(&mia, part("whole", None)).await;
    let one = app.task(&mia, part("one", Some(&whole))).await;
    let under = app.task(&mia, part("under", Some(&one))).await;
    let thrown = app.task(&mia, part("thrown", Some(&whole))).await;
    app.as_user(&mia).delete(&at(&thrown)).await.ok(204);

    let patch = json!({ "project_id": id(&lab), "parent_id": id(&parent), "title": "moved" });
    let moved = app.as_user(&mia).patch(&at(&whole), patch).await.ok(200);
    assert_eq!((&moved["key"], &moved["version"], &moved["parent_id"]), (&json!("LAB-2"), &json!(2), &parent["id"]));
    let expected = [(&one, "LAB-3", &whole, 2), (&under, "LAB-5", &one, 2)];
    for (task, key, parent, version) in expected {
        let now = app.as_user(&mia).get(&at(task)).await.ok(200);
        assert_eq!((&now["key"], &now["parent_id"], &now["version"]), (&json!(key), &parent["id"], &json!(version)));
        let activity = app.as_user(&mia).get(&format!("{}/activity", at(task))).await.ok(200);
        assert_eq!(each(&activity, "kind"), ["moved", "created"]);
        let change = json!([{ "field": "project_id", "from": web["id"], "to": lab["id"] }]);
        assert_eq!(activity["items"][0]["changes"], change);
    }
    let restored = app.as_user(&mia).post(&format!("{}/restore", at(&thrown)), None).await.ok(200);
    assert_eq!((&restored["key"], &restored["parent_id"]), (&json!("LAB-4"), &whole["id"]));
    assert_eq!(app.task(&mia, json!({ "title": "x", "project_id": id(&lab) })).await["key"], "LAB-6");
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn a_tree_moves_as_a_whole_or_not_at_all(db: PgPool) {
    let app = App::new(&db);
    let (mia, ann, bob) = (app.manager("mia").await, app.user("ann").await, app.user("bob").await);
    let (web, lab) = (app.project(&mia, "WEB", &[&ann, &bob]).await, app.project(&mia, "LAB", &[&ann]).await);
    let whole = app.task(&ann, json!({ "title": "whole", "project_id": id(&web), "assignee_id": ann.id })).await;
    let part = json!({ "title": "part", "project_id": id(&web), "parent_id": id(&whole), "assignee_id": bob.id });
    let part = app.task(&bob, part).await;
    let to_lab = json!({ "project_id": id(&lab) });
    let before = app.fingerprint().await;
    app.as_user(&ann).patch(&at(&whole), to_lab.clone()).await.ok(403);
    let refused = app.as_user(&mia).patch(&at(&whole), to_lab.clone()).await;
    assert!(refused.body.to_string().contains("WEB-2"), "{refused}");
    refused.wrong(&["/project_id"]);
    assert_eq!(app.fingerprint().await, before);
    app.as_user(&mia).put(&format!("{}/assignee", at(&part)), json!({ "assignee_id": null })).await.ok(200);
    app.as_user(&mia).patch(&at(&whole), to_lab).await.ok(200);
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn a_move_requires_the_right_to_delete(db: PgPool) {
    let app = App::new(&db);
    let (mia, ann, bob) = (app.manager("mia").await, app.user("ann").await, app.user("bob").await);
    let ada = app.admin("ada").await;
    let (web, lab) = (app.project(&mia, "WEB", &[&ann, &bob]).await, app.project(&mia, "LAB", &[&ann, &bob]).await);
    let inbox: uuid::Uuid =
        app.one(&format!("SELECT id FROM projects WHERE personal AND owner_id = '{}'", bob.id)).await;
    let task = app.task(&ann, json!({ "title": "x", "project_id": id(&web), "assignee_id": bob.id })).await;
    let before = app.fingerprint().await;
    app.as_user(&bob).patch(&at(&task), json!({ "project_id": inbox })).await.ok(403);
    app.as_user(&bob).patch(&at(&task), json!({ "project_id": id(&lab) })).await.ok(403);
    assert_eq!(app.fingerprint().await, before);
    for (caller, to) in [(&ann, &lab), (&mia, &web), (&ada, &lab)] {
        app.as_user(caller).patch(&at(&task), json!({ "project_id": id(to) })).await.ok(200);
    }
    app.as_user(&bob).patch(&at(&task), json!({ "title": "y", "project_id": id(&lab) })).await.ok(200);
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn history_from_an_inbox_stays_private_after_a_move(db: PgPool) {
    let app = App::new(&db);
    let (mia, ann, ada) = (app.manager("mia").await, app.user("ann").await, app.admin("ada").await);
    let web = app.project(&mia, "WEB", &[&ann]).await;
    let inbox: uuid::Uuid =
        app.one(&format!("SELECT id FROM projects WHERE personal AND owner_id = '{}'", ann.id)).await;
    let whole = app.task(&ann, json!({ "title": "a secret name" })).await;
    let part = app.task(&ann, json!({ "title": "part", "parent_id": id(&whole) })).await;
    let say = async |who, task, body: &str| {
        app.as_user(who).post(&format!("{}/comments", at(task)), json!({ "body": body })).await.ok(201)
    };
    let secret = say(&ann, &whole, "a secret").await;
    say(&ann, &part, "another secret").await;
    app.as_user(&ann).patch(&at(&whole), json!({ "description": "secret words" })).await.ok(200);
    let patch = json!({ "project_id": id(&web), "title": "Public", "assignee_id": mia.id, "description": "Public" });
    app.as_user(&ann).patch(&at(&whole), patch).await.ok(200);
    say(&mia, &whole, "hello").await;

    let shown = async |who, task| {
        let comments = app.as_user(who).get(&format!("{}/comments", at(task))).await.ok(200);
        let activity = app.as_user(who).get(&format!("{}/activity", at(task))).await.ok(200);
        let bodies: Vec<String> = each(&comments, "body").into_iter().map(|body| text(body).to_owned()).collect();
        assert_eq!(
            activity.to_string().contains("secret") || bodies.iter().any(|body| body.contains("secret")),
            who.id == ann.id
        );
        (bodies, each(&activity, "kind").len())
    };
    for other in [&mia, &ada] {
        assert_eq!(shown(other, &whole).await, (vec!["hello".to_owned()], 2));
        assert_eq!(shown(other, &part).await, (vec![], 1));
        app.as_user(other).delete(&format!("/v1/comments/{}", id(&secret))).await.ok(404);
    }
    assert_eq!(shown(&ann, &whole).await, (vec!["a secret".to_owned(), "hello".to_owned()], 5));
    // Late notifications reveal nothing either.
    app.tell_everyone().await;
    let told = app.told(&mia).await;
    assert_eq!(told, ["task_assigned: ann assigned WEB-1 to you"]);
    assert_eq!(app.count("notifications n WHERE n::text LIKE '%secret%'").await, 0);
    // Comments that were written in the project stay visible after the task was in an Inbox.
    for (project, assignee) in [(json!(inbox), json!(null)), (web["id"].clone(), json!(null))] {
        app.as_user(&ann).patch(&at(&whole), json!({ "project_id": project, "assignee_id": assignee })).await.ok(200);
    }
    assert_eq!(shown(&mia, &whole).await.0, ["hello"]);
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn a_private_comment_stays_private_when_changed_or_deleted(db: PgPool) {
    let app = App::new(&db);
    let (mia, ann) = (app.manager("mia").await, app.user("ann").await);
    let web = app.project(&mia, "WEB", &[&ann]).await;
    let task = app.task(&ann, json!({ "title": "x" })).await;
    let say = async |body: &str| {
        let comment = app.as_user(&ann).post(&format!("{}/comments", at(&task)), json!({ "body": body })).await.ok(201);
        format!("/v1/comments/{}", id(&comment))
    };
    let (one, two) = (say("secret one").await, say("secret two").await);
    app.as_user(&ann).patch(&at(&task), json!({ "project_id": id(&web) })).await.ok(200);
    app.tell_everyone().await;
    let before = app.told(&mia).await;
    app.as_user(&ann).delete(&one).await.ok(204);
    let body = format!("secret for @[Mia](user:{})", mia.id);
    app.as_user(&ann).patch(&two, json!({ "body": body })).await.ok(200);
    app.tell_everyone().await;
    for (who, shown) in [(&mia, false), (&ann, true)] {
        for list in ["activity", "comments"] {
            let page = app.as_user(who).get(&format!("{}/{list}", at(&task))).await.ok(200);
            assert_eq!(page.to_string().contains("secret"), shown, "{list} for {}", who.email);
        }
    }
    assert_eq!(app.told(&mia).await, before);
}

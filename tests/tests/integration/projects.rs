use serde_json::json;
use shared::db::PgPool;

use crate::support::{App, Person, each, id, text};

async fn keys(app: &App, caller: &Person, query: &str) -> Vec<String> {
    let page = app.as_user(caller).get(&format!("/v1/projects?{query}")).await.ok(200);
    each(&page, "key").into_iter().map(|key| text(key).to_owned()).collect()
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn a_manager_creates_a_project_and_belongs_to_it(db: PgPool) {
    let app = App::new(&db);
    let mia = app.manager("mia").await;
    let new = json!({ "key": "WEB2", "name": " The website ", "description": "# What\n" });
    let reply = app.as_user(&mia).post("/v1/projects", new).await;
    let (location, etag) = (reply.header("location").to_owned(), reply.etag().to_owned());
    let project = reply.ok(201);
    assert_eq!((location.as_str(), etag.as_str()), (&*format!("/v1/projects/{}", id(&project)), "\"1\""));
    let mut expected = json!({ "key": "WEB2", "name": "The website", "description": "# What\n", "owner_id": mia.id, "personal": false, "watching": false, "version": 1 });
    for field in ["id", "created_at", "updated_at"] {
        expected[field] = project[field].clone();
    }
    assert_eq!(project, expected);
    let shown = app.as_user(&mia).get(&location).await;
    assert_eq!(shown.etag(), "\"1\"");
    assert_eq!(shown.ok(200), project);
    assert_eq!(each(&app.as_user(&mia).get(&format!("{location}/members")).await.ok(200), "user_id"), [&json!(mia.id)]);
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn project_keys_are_short_unique_and_not_reserved(db: PgPool) {
    let app = App::new(&db);
    let mia = app.manager("mia").await;
    app.project(&mia, "WEB", &[]).await;
    let before = app.fingerprint().await;
    for key in ["", "W", "web", "1WEB", "WEB-2", "ABCDEFGHIJK", "WEB\n", "ÄB", "IN7"] {
        app.as_user(&mia).post("/v1/projects", json!({ "key": key, "name": "x" })).await.wrong(&["/key"]);
    }
    app.as_user(&mia)
        .post("/v1/projects", json!({ "key": 1, "name": " ", "description": "a\u{0}b", "owner_id": mia.id }))
        .await
        .wrong(&["/description", "/key", "/name", "/owner_id"]);
    app.as_user(&mia).post("/v1/projects", json!({ "key": "WEB", "name": "x" })).await.ok(409);
    assert_eq!(app.fingerprint().await, before);

    let client = app.as_user(&mia);
    let new = json!({ "key": "AB", "name": "x" });
    let (one, other) = tokio::join!(client.post("/v1/projects", new.clone()), client.post("/v1/projects", new.clone()));
    let mut statuses = [one.status, other.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409]);
    app.project(&mia, "ABCDEFGHI9", &[]).await;
    app.project(&mia, "IN7A", &[]).await;
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn a_project_is_changed_by_merge_patch_with_if_match(db: PgPool) {
    let app = App::new(&db);
    let mia = app.manager("mia").await;
    let project = app.project(&mia, "WEB", &[]).await;
    let at = format!("/v1/projects/{}", id(&project));
    let mut expected = project;
    for (n, (field, sent, stored)) in [
        ("name", json!("New"), json!("New")),
        ("description", json!("Words"), json!("Words")),
        ("description", json!(null), json!("")),
    ]
    .into_iter()
    .enumerate()
    {
        let reply = app.as_user(&mia).if_match(&format!("\"{}\"", n + 1)).patch(&at, json!({ field: sent })).await;
        assert_eq!(reply.etag(), format!("\"{}\"", n + 2));
        let changed = reply.ok(200);
        (expected[field], expected["version"], expected["updated_at"]) =
            (stored, json!(n + 2), changed["updated_at"].clone());
        assert_eq!(changed, expected);
        assert_eq!(app.as_user(&mia).get(&at).await.ok(200), expected);
    }
    let before = app.fingerprint().await;
    for etag in ["\"3\"", "\"5\""] {
        for (method, body) in [("PATCH", Some(json!({ "name": "x" }))), ("DELETE", None)] {
            let stale = app.as_user(&mia).if_match(etag).send(method, &at, body).await;
            assert_eq!((stale.etag(), &stale.body["current"]), ("\"4\"", &expected));
            stale.ok(412);
        }
    }
    assert_eq!(app.as_user(&mia).patch(&at, json!({ "name": "New", "description": null })).await.etag(), "\"4\"");
    app.as_user(&mia).patch(&at, json!({ "name": null, "key": "NEW", "personal": true })).await.wrong(&[
        "/key",
        "/name",
        "/personal",
    ]);
    assert_eq!(app.fingerprint().await, before);
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn a_project_is_deleted_and_restored_with_its_tasks(db: PgPool) {
    let app = App::new(&db);
    let (mia, ann) = (app.manager("mia").await, app.user("ann").await);
    let project = app.project(&mia, "WEB", &[&ann]).await;
    let task = app.task(&ann, json!({ "title": "x", "project_id": id(&project) })).await;
    let (at, at_task) = (format!("/v1/projects/{}", id(&project)), format!("/v1/tasks/{}", id(&task)));
    app.as_user(&mia).if_match("\"1\"").delete(&at).await.ok(204);
    for gone in [&at, &at_task] {
        app.as_user(&ann).get(gone).await.ok(404);
    }
    app.as_user(&mia).delete(&at).await.ok(404);
    app.as_user(&mia).put(&format!("{at}/members/{}", ann.id), None).await.ok(404);
    app.as_user(&ann)
        .post("/v1/tasks", json!({ "title": "y", "project_id": id(&project) }))
        .await
        .wrong(&["/project_id"]);
    app.as_user(&mia).post("/v1/projects", json!({ "key": "WEB", "name": "again" })).await.ok(409);
    assert_eq!(
        (keys(&app, &mia, "").await, keys(&app, &mia, "deleted=true").await),
        (vec!["IN1".into()], vec!["WEB".into()])
    );

    let restored = app.as_user(&mia).post(&format!("{at}/restore"), None).await;
    assert_eq!(restored.etag(), "\"3\"");
    assert_eq!(restored.ok(200)["key"], "WEB");
    assert_eq!(app.as_user(&ann).get(&at_task).await.ok(200)["version"], 3);
    app.as_user(&mia).post(&format!("{at}/restore"), None).await.ok(404);
    assert_eq!(app.task(&ann, json!({ "title": "y", "project_id": id(&project) })).await["key"], "WEB-2");
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn an_inbox_cannot_be_changed_or_deleted(db: PgPool) {
    let app = App::new(&db);
    let (ada, ann) = (app.admin("ada").await, app.user("ann").await);
    let inbox = &app.as_user(&ann).get("/v1/projects").await.ok(200)["items"][0];
    assert_eq!((&inbox["personal"], &inbox["owner_id"]), (&json!(true), &json!(ann.id)));
    let at = format!("/v1/projects/{}", id(inbox));
    let before = app.fingerprint().await;
    for caller in [&ann, &ada] {
        app.as_user(caller).patch(&at, json!({ "name": "Mine" })).await.ok(409);
        app.as_user(caller).delete(&at).await.ok(409);
        app.as_user(caller).put(&format!("{at}/members/{}", ada.id), None).await.ok(409);
        app.as_user(caller).delete(&format!("{at}/members/{}", ann.id)).await.ok(409);
    }
    assert_eq!(app.fingerprint().await, before);
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn users_list_their_own_projects_in_pages(db: PgPool) {
    let app = App::new(&db);
    let (mia, ann, ada) = (app.manager("mia").await, app.user("ann").await, app.admin("ada").await);
    app.project(&mia, "AA", &[&ann]).await;
    app.project(&mia, "BB", &[]).await;
    app.project(&mia, "CC", &[&ann]).await;
    assert_eq!(keys(&app, &mia, "").await, ["CC", "BB", "AA", "IN1"]);
    assert_eq!(keys(&app, &ann, "").await, ["CC", "AA", "IN2"]);
    assert_eq!(keys(&app, &ada, "").await, ["CC", "BB", "AA", "IN3", "IN2", "IN1"]);

    let one = app.as_user(&mia).get("/v1/projects?limit=2").await.ok(200);
    app.project(&mia, "DD", &[]).await;
    app.as_user(&mia).delete(&format!("/v1/projects/{}", id(&one["items"][1]))).await.ok(204);
    let rest = format!("limit=2&cursor={}", text(&one["next_cursor"]));
    assert_eq!(keys(&app, &mia, &rest).await, ["AA", "IN1"], "what comes and goes meanwhile moves nothing");
    for query in ["deleted=maybe", "q=x", "limit=0", "cursor=x"] {
        app.as_user(&mia).get(&format!("/v1/projects?{query}")).await.ok(400);
    }
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn an_owner_without_the_manager_role_transfers_a_project(db: PgPool) {
    let app = App::new(&db);
    let (mia, eve, max) = (app.manager("Mia").await, app.manager("Eve").await, app.manager("Max").await);
    let (ann, ada) = (app.user("Ann").await, app.admin("Ada").await);
    let project = app.project(&mia, "WEB", &[&eve, &ann]).await;
    let at = format!("/v1/projects/{}", id(&project));
    let to = |person: &Person| json!({ "owner_id": person.id });
    app.sql(&format!("UPDATE users SET role = 'user' WHERE id = '{}'", mia.id)).await;
    let before = app.fingerprint().await;
    app.as_user(&eve).patch(&at, to(&eve)).await.ok(403);
    app.as_user(&max).patch(&at, to(&max)).await.ok(404);
    for nobody in [to(&max), to(&ann), json!({ "owner_id": uuid::Uuid::now_v7() })] {
        app.as_user(&mia).patch(&at, nobody).await.wrong(&["/owner_id"]);
    }
    app.as_user(&mia).if_match("\"9\"").patch(&at, to(&eve)).await.ok(412);
    assert_eq!(app.fingerprint().await, before);

    let handed_on = app.as_user(&mia).patch(&at, to(&eve)).await.ok(200);
    assert_eq!((&handed_on["owner_id"], &handed_on["version"]), (&json!(eve.id), &json!(2)));
    app.as_user(&mia).get(&at).await.ok(200);
    app.as_user(&mia).patch(&at, to(&mia)).await.ok(403);
    app.tell_everyone().await;
    let told = app.told(&eve).await;
    assert_eq!(told.last().unwrap(), "added_to_project: Mia made you the owner of Project WEB");
    // The former owner stays a member and may be removed now; the new owner may not.
    app.as_user(&eve).delete(&format!("{at}/members/{}", eve.id)).await.ok(409);
    app.as_user(&eve).delete(&format!("{at}/members/{}", mia.id)).await.ok(204);
    app.sql(&format!("UPDATE users SET active = false WHERE id = '{}'", max.id)).await;
    app.sql(&format!("INSERT INTO memberships (project_id, user_id) VALUES ('{}', '{}')", id(&project), max.id)).await;
    app.as_user(&ada).patch(&at, to(&max)).await.wrong(&["/owner_id"]);
    assert_eq!(app.as_user(&ada).patch(&at, to(&eve)).await.ok(200)["version"], 2, "nothing changes");

    let inbox = app.as_user(&eve).get("/v1/projects").await.ok(200);
    let inbox = inbox["items"].as_array().unwrap().iter().find(|one| one["personal"] == true).unwrap().clone();
    for caller in [&eve, &ada] {
        app.as_user(caller).patch(&format!("/v1/projects/{}", id(&inbox)), to(&ada)).await.ok(409);
    }
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn a_trashed_project_is_transferred_and_restored(db: PgPool) {
    let app = App::new(&db);
    let (mia, max, ada) = (app.manager("mia").await, app.manager("max").await, app.admin("ada").await);
    let web = app.project(&mia, "WEB", &[&max]).await;
    let at = format!("/v1/projects/{}", id(&web));
    app.as_user(&mia).delete(&at).await.ok(204);
    app.as_user(&ada).patch(&format!("/v1/users/{}", mia.id), json!({ "role": "user" })).await.ok(200);
    app.as_user(&mia).patch(&at, json!({ "owner_id": max.id })).await.ok(200);
    app.as_user(&max).patch(&at, json!({ "name": "Not yet" })).await.ok(404);
    app.as_user(&max).post(&format!("{at}/restore"), None).await.ok(200);
}

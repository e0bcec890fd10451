use serde_json::json;
use shared::db::PgPool;

use crate::support::{App, each, id, text};

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn members_are_added_once_and_listed_in_order(db: PgPool) {
    let app = App::new(&db);
    let (mia, ann, bob) = (app.manager("mia").await, app.user("ann").await, app.user("bob").await);
    let project = app.project(&mia, "WEB", &[&bob, &ann, &bob]).await;
    let members = format!("/v1/projects/{}/members", id(&project));
    let all = app.as_user(&ann).get(&members).await.ok(200);
    assert_eq!(each(&all, "name"), ["mia", "bob", "ann"]);
    let mut expected = json!({ "user_id": bob.id, "name": "bob", "email": "bob@example.com", "role": "member", "account_role": "user", "active": true });
    expected["added_at"] = all["items"][1]["added_at"].clone();
    assert_eq!(all["items"][1], expected);

    let told = format!(
        "outbox WHERE queue = 'events' AND payload = jsonb_build_object('event', 'added_to_project', 'project_id', '{}',
            'user_id', '{}', 'actor_id', '{}')",
        id(&project), bob.id, mia.id,
    );
    assert_eq!(app.count(&told).await, 1, "who is added again is told once");

    let one = app.as_user(&ann).get(&format!("{members}?limit=2")).await.ok(200);
    app.as_user(&mia).delete(&format!("{members}/{}", bob.id)).await.ok(204);
    let two = app.as_user(&ann).get(&format!("{members}?limit=2&cursor={}", text(&one["next_cursor"]))).await.ok(200);
    assert_eq!((each(&two, "name"), &two["next_cursor"]), (vec![&json!("ann")], &json!(null)));
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn invalid_members_are_refused_and_the_owner_cannot_be_removed(db: PgPool) {
    let app = App::new(&db);
    let (mia, ann) = (app.manager("mia").await, app.user("ann").await);
    let project = app.project(&mia, "WEB", &[]).await;
    app.sql(&format!("UPDATE users SET active = false WHERE id = '{}'", ann.id)).await;
    let member = |user: &dyn std::fmt::Display| format!("/v1/projects/{}/members/{user}", id(&project));
    let before = app.fingerprint().await;
    app.as_user(&mia).put(&member(&uuid::Uuid::now_v7()), None).await.ok(404);
    app.as_user(&mia).put(&member(&"me"), None).await.ok(404);
    app.as_user(&mia).put(&member(&ann.id), None).await.ok(409);
    app.as_user(&mia).delete(&member(&ann.id)).await.ok(404);
    app.as_user(&mia).delete(&member(&mia.id)).await.ok(409);
    assert_eq!(app.fingerprint().await, before);
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn a_removed_member_loses_access_and_assigned_tasks(db: PgPool) {
    let app = App::new(&db);
    let (mia, ann) = (app.manager("mia").await, app.user("ann").await);
    let (web, lab) = (app.project(&mia, "WEB", &[&ann]).await, app.project(&mia, "LAB", &[&ann]).await);
    let new = |project, assignee: Option<uuid::Uuid>| json!({ "title": "x", "project_id": id(project), "assignee_id": assignee });
    let hers = app.task(&ann, new(&web, Some(ann.id))).await;
    let trashed = app.task(&ann, new(&web, Some(ann.id))).await;
    app.as_user(&ann).delete(&format!("/v1/tasks/{}", id(&trashed))).await.ok(204);
    let others = app.task(&mia, new(&web, Some(mia.id))).await;
    let elsewhere = app.task(&mia, new(&lab, Some(ann.id))).await;

    app.as_user(&mia).delete(&format!("/v1/projects/{}/members/{}", id(&web), ann.id)).await.ok(204);
    for (task, assignee, version) in
        [(&hers, json!(null), 2), (&others, json!(mia.id), 1), (&elsewhere, json!(ann.id), 1)]
    {
        let now = app.as_user(&mia).get(&format!("/v1/tasks/{}", id(task))).await.ok(200);
        assert_eq!((&now["assignee_id"], &now["version"]), (&assignee, &json!(version)));
    }
    let restored = app.as_user(&mia).post(&format!("/v1/tasks/{}/restore", id(&trashed)), None).await.ok(200);
    assert_eq!(restored["assignee_id"], json!(null));
    app.as_user(&ann).get(&format!("/v1/tasks/{}", id(&hers))).await.ok(404);
    app.as_user(&ann).get(&format!("/v1/projects/{}", id(&web))).await.ok(404);
    let listed = app.as_user(&ann).get("/v1/tasks").await.ok(200);
    assert_eq!(each(&listed, "id"), [&elsewhere["id"]]);
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn concurrent_removal_and_assignment_leave_no_assignee(db: PgPool) {
    let app = App::new(&db);
    let (mia, ann) = (app.manager("mia").await, app.user("ann").await);
    let project = app.project(&mia, "WEB", &[]).await;
    let task = app.task(&mia, json!({ "title": "x", "project_id": id(&project) })).await;
    let member = format!("/v1/projects/{}/members/{}", id(&project), ann.id);
    let assignee = format!("/v1/tasks/{}/assignee", id(&task));
    let client = app.as_user(&mia);
    for _ in 0..10 {
        client.put(&member, None).await.ok(204);
        let (removed, assigned) =
            tokio::join!(client.delete(&member), client.put(&assignee, json!({ "assignee_id": ann.id })));
        removed.ok(204);
        assert!(matches!(assigned.status, 200 | 422), "{assigned}");
        assert_eq!(app.count("tasks WHERE assignee_id IS NOT NULL").await, 0);
    }
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn a_member_removed_from_a_trashed_project_loses_access(db: PgPool) {
    let app = App::new(&db);
    let (mia, ann) = (app.manager("mia").await, app.user("ann").await);
    let project = app.project(&mia, "WEB", &[&ann]).await;
    let task = json!({ "title": "x", "project_id": id(&project), "assignee_id": ann.id });
    let task = app.task(&mia, task).await;
    let at = format!("/v1/projects/{}", id(&project));
    app.as_user(&mia).delete(&at).await.ok(204);
    let listed = async |list: &str| each(&app.as_user(&ann).get(list).await.ok(200), "id").len();
    assert_eq!((listed("/v1/projects?deleted=true").await, listed("/v1/tasks?deleted=true").await), (1, 1));
    assert_eq!(each(&app.as_user(&mia).get(&format!("{at}/members")).await.ok(200), "name"), ["mia", "ann"]);
    app.as_user(&mia).delete(&format!("{at}/members/{}", ann.id)).await.ok(204);
    assert_eq!((listed("/v1/projects?deleted=true").await, listed("/v1/tasks?deleted=true").await), (0, 0));
    app.as_user(&ann).get(&format!("{at}/members")).await.ok(404);
    app.as_user(&mia).put(&format!("{at}/members/{}", ann.id), None).await.ok(404);
    app.as_user(&mia).post(&format!("{at}/restore"), None).await.ok(200);
    let restored = app.as_user(&mia).get(&format!("/v1/tasks/{}", id(&task))).await.ok(200);
    assert_eq!(restored["assignee_id"], json!(null));
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn inactive_members_are_assigned_no_new_tasks(db: PgPool) {
    let app = App::new(&db);
    let (mia, ann) = (app.manager("mia").await, app.user("ann").await);
    let project = app.project(&mia, "WEB", &[&ann]).await;
    let recurrence = json!({ "rrule": "FREQ=DAILY", "time_zone": "UTC" });
    let new = |assignee: uuid::Uuid| json!({ "title": "x", "project_id": id(&project), "assignee_id": assignee });
    let mut hers = new(ann.id);
    (hers["recurrence"], hers["due_at"]) = (recurrence, json!("2026-01-05T09:00:00Z"));
    let (hers, nobodys) = (app.task(&mia, hers).await, app.task(&mia, new(mia.id)).await);
    app.sql(&format!("UPDATE users SET active = false WHERE id = '{}'", ann.id)).await;
    let client = app.as_user(&mia);
    let before = app.fingerprint().await;
    for refused in [
        client.post("/v1/tasks", new(ann.id)).await,
        app.as_user(&mia).idempotency_key("k").post("/v1/tasks", new(ann.id)).await,
        client.patch(&format!("/v1/tasks/{}", id(&nobodys)), json!({ "assignee_id": ann.id })).await,
        client.put(&format!("/v1/tasks/{}/assignee", id(&nobodys)), json!({ "assignee_id": ann.id })).await,
    ] {
        assert!(refused.body.to_string().contains("active"), "{refused}");
        refused.wrong(&["/assignee_id"]);
    }
    assert_eq!(app.fingerprint().await, before);
    // Callers who may not see the project learn nothing about its members, and nobody learns whether an account that is
    // not a member is active.
    app.as_user(&app.user("eve").await).post("/v1/tasks", new(ann.id)).await.wrong(&["/project_id"]);
    let inbox = client.post("/v1/tasks", json!({ "title": "x", "assignee_id": ann.id })).await;
    assert!(inbox.body.to_string().contains("member"), "{inbox}");
    inbox.wrong(&["/assignee_id"]);
    // Their existing tasks may change, and the next occurrence is unassigned.
    client.patch(&format!("/v1/tasks/{}", id(&hers)), json!({ "title": "y" })).await.ok(200);
    client.put(&format!("/v1/tasks/{}/status", id(&hers)), json!({ "status": "done" })).await.ok(200);
    let next = client.get("/v1/tasks?status=todo&q=y").await.ok(200);
    assert_eq!(each(&next, "assignee_id"), [&json!(null)]);
}

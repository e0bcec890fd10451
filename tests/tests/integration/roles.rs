//! Roles in a project: what viewers, members and managers may do, in addition to the table in `authorization.rs`.

use std::sync::Arc;

use serde_json::{Value, json};
use shared::db::PgPool;

use crate::support::{App, Person, each, id, text};

/// Mia's project, with a task that Ann created and is assigned to.
struct Team {
    app: Arc<App>,
    mia: Person,
    ann: Person,
    project: Value,
    task: Value,
}

impl Team {
    async fn new(db: &PgPool) -> Self {
        let app = Arc::new(App::new(db));
        let (mia, ann) = (app.manager("Mia").await, app.user("Ann").await);
        let project = app.project(&mia, "WEB", &[&ann]).await;
        let new = json!({ "title": "x", "project_id": id(&project), "assignee_id": ann.id });
        let task = app.task(&ann, new).await;
        Self { app, mia, ann, project, task }
    }

    fn project(&self) -> String {
        format!("/v1/projects/{}", id(&self.project))
    }

    fn task(&self) -> String {
        format!("/v1/tasks/{}", id(&self.task))
    }

    fn member(&self, person: &Person) -> String {
        format!("{}/members/{}", self.project(), person.id)
    }

    async fn give(&self, person: &Person, role: &str) {
        self.app.as_user(&self.mia).put(&self.member(person), json!({ "role": role })).await.ok(204);
    }

    /// Returns the roles of the members, in the order in which they were added.
    async fn roles(&self) -> Vec<Value> {
        let members = self.app.as_user(&self.ann).get(&format!("{}/members", self.project())).await.ok(200);
        each(&members, "role").into_iter().cloned().collect()
    }
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn member_roles_are_set_kept_and_listed(db: PgPool) {
    let team = Team::new(&db).await;
    let (mia, bob) = (team.app.as_user(&team.mia), team.app.user("Bob").await);
    assert_eq!(team.roles().await, ["manager", "member"]);
    team.give(&team.ann, "viewer").await;
    mia.put(&team.member(&team.ann), None).await.ok(204);
    assert_eq!(team.roles().await, ["manager", "viewer"], "who has a role keeps it");
    team.give(&bob, "manager").await;
    assert_eq!(team.roles().await, ["manager", "viewer", "manager"]);
    team.give(&team.mia, "manager").await;

    let before = team.app.fingerprint().await;
    team.give(&bob, "manager").await;
    for role in ["viewer", "member"] {
        let refused = mia.put(&team.member(&team.mia), json!({ "role": role })).await;
        assert_eq!(refused.ok(409)["code"], "owner_is_manager");
    }
    for (body, pointer) in [(json!({}), "/role"), (json!({ "role": "owner" }), "/role"), (json!([]), "")] {
        mia.put(&team.member(&bob), body).await.wrong(&[pointer]);
    }
    assert_eq!(team.app.fingerprint().await, before);
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn viewers_comment_and_watch_but_change_nothing_else(db: PgPool) {
    let team = Team::new(&db).await;
    let trashed = team.app.task(&team.ann, json!({ "title": "y", "project_id": id(&team.project) })).await;
    let trashed = format!("/v1/tasks/{}", id(&trashed));
    let own = team.app.task(&team.ann, json!({ "title": "in her Inbox" })).await;
    let ann = team.app.as_user(&team.ann);
    ann.delete(&trashed).await.ok(204);
    let comment = ann.post(&format!("{}/comments", team.task()), json!({ "body": "before" })).await.ok(201);
    team.give(&team.ann, "viewer").await;

    let before = team.app.fingerprint().await;
    let new = json!({ "title": "x", "project_id": id(&team.project) });
    for refused in [
        ann.post("/v1/tasks", new.clone()).await,
        team.app.as_user(&team.ann).idempotency_key("k").post("/v1/tasks", new).await,
        ann.patch(&team.task(), json!({ "title": "y" })).await,
        ann.put(&format!("{}/status", team.task()), json!({ "status": "done" })).await,
        ann.put(&format!("{}/assignee", team.task()), json!({ "assignee_id": null })).await,
        ann.delete(&team.task()).await,
        ann.post(&format!("{trashed}/restore"), None).await,
        ann.patch(&format!("/v1/tasks/{}", id(&own)), json!({ "project_id": id(&team.project) })).await,
    ] {
        assert_eq!(refused.ok(403)["code"], "project_read_only");
    }
    assert_eq!(team.app.fingerprint().await, before);

    ann.get(&team.task()).await.ok(200);
    ann.put(&format!("{}/watchers/me", team.task()), None).await.ok(204);
    ann.delete(&format!("{}/watchers/me", team.task())).await.ok(204);
    ann.post(&format!("{}/comments", team.task()), json!({ "body": "after" })).await.ok(201);
    ann.patch(&format!("/v1/comments/{}", id(&comment)), json!({ "body": "changed" })).await.ok(200);
    ann.delete(&format!("/v1/comments/{}", id(&comment))).await.ok(204);
    team.give(&team.ann, "member").await;
    ann.patch(&team.task(), json!({ "title": "y" })).await.ok(200);
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn a_member_who_becomes_a_viewer_is_unassigned_and_notified(db: PgPool) {
    let team = Team::new(&db).await;
    let lee = team.app.user("Lee").await;
    team.give(&lee, "member").await;
    let new = json!({ "title": "z", "project_id": id(&team.project), "assignee_id": lee.id, "due_at": "2040-01-01T00:00:00Z" });
    let lees = team.app.task(&team.ann, new).await;
    team.app.tell_everyone().await;
    team.give(&lee, "viewer").await;
    let at = format!("/v1/tasks/{}", id(&lees));
    let now = team.app.as_user(&team.mia).get(&at).await.ok(200);
    assert_eq!((&now["assignee_id"], &now["version"]), (&json!(null), &json!(2)));
    let history = team.app.as_user(&team.mia).get(&format!("{at}/activity")).await.ok(200);
    assert_eq!(history["items"][0]["changes"], json!([{ "field": "assignee_id", "from": lee.id, "to": null }]));
    assert_eq!(team.app.count(&format!("reminders WHERE user_id = '{}'", lee.id)).await, 0);
    assert_eq!(team.app.as_user(&team.mia).get(&team.task()).await.ok(200)["version"], 1, "others keep theirs");

    team.app.tell_everyone().await;
    let told = team.app.told(&lee).await;
    let expected = "task_unassigned: Mia made you a viewer of Project WEB, and unassigned you from 1 task";
    assert_eq!(told.last().unwrap(), expected);
    let told = team.app.told(&team.ann).await;
    assert_eq!(told.last().unwrap(), "task_updated: Mia made Lee, the assignee of 1 task, a viewer of Project WEB");
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn viewers_cannot_be_assigned(db: PgPool) {
    let team = Team::new(&db).await;
    let lee = team.app.user("Lee").await;
    team.give(&lee, "viewer").await;
    let mia = team.app.as_user(&team.mia);
    let lab = team.app.project(&team.mia, "LAB", &[&lee]).await;
    let lees = team.app.task(&team.mia, json!({ "title": "x", "project_id": id(&lab), "assignee_id": lee.id })).await;
    let parent = team.app.task(&team.mia, json!({ "title": "x", "project_id": id(&lab) })).await;
    let part = json!({ "title": "x", "project_id": id(&lab), "parent_id": id(&parent), "assignee_id": lee.id });
    team.app.task(&team.mia, part).await;

    let before = team.app.fingerprint().await;
    let new = json!({ "title": "x", "project_id": id(&team.project), "assignee_id": lee.id });
    for refused in [
        mia.post("/v1/tasks", new.clone()).await,
        team.app.as_user(&team.mia).idempotency_key("k").post("/v1/tasks", new).await,
        mia.patch(&team.task(), json!({ "assignee_id": lee.id })).await,
        mia.put(&format!("{}/assignee", team.task()), json!({ "assignee_id": lee.id })).await,
        mia.patch(&format!("/v1/tasks/{}", id(&lees)), json!({ "project_id": id(&team.project) })).await,
    ] {
        assert_eq!(refused.body["code"], "assignee_is_viewer", "{refused}");
        refused.wrong(&["/assignee_id"]);
    }
    let with_part = mia.patch(&format!("/v1/tasks/{}", id(&parent)), json!({ "project_id": id(&team.project) })).await;
    assert!(with_part.body.to_string().contains("LAB-3"), "{with_part}");
    with_part.wrong(&["/project_id"]);
    assert_eq!(team.app.fingerprint().await, before);
}

/// The statement that creates a task sees the membership as of its start, and waits for the project.
#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn a_new_viewer_is_not_assigned_to_a_task_created_meanwhile(db: PgPool) {
    let team = Team::new(&db).await;
    let (project, ann) = (id(&team.project), team.ann.id);
    let mut tx = db.begin().await.unwrap();
    for sql in [
        format!("SELECT FROM projects WHERE id = '{project}' FOR UPDATE"),
        format!("UPDATE memberships SET role = 'viewer' WHERE project_id = '{project}' AND user_id = '{ann}'"),
    ] {
        sqlx::query(sqlx::AssertSqlSafe(sql)).execute(&mut *tx).await.unwrap();
    }
    let new = json!({ "title": "x", "project_id": project, "assignee_id": ann });
    let client = team.app.as_user(&team.mia);
    let created = tokio::spawn(async move { client.post("/v1/tasks", new).await });
    let waiting =
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
    while sqlx::query_scalar::<_, i64>(waiting).fetch_one(&db).await.unwrap() == 0 {
        tokio::task::yield_now().await;
    }
    tx.commit().await.unwrap();
    created.await.unwrap().wrong(&["/assignee_id"]);
    assert_eq!(team.app.count("tasks").await, 1);
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn administrators_keep_their_rights_as_viewers(db: PgPool) {
    let team = Team::new(&db).await;
    let ada = team.app.admin("Ada").await;
    team.give(&ada, "member").await;
    let new = json!({ "title": "x", "project_id": id(&team.project), "assignee_id": ada.id });
    let adas = team.app.task(&team.mia, new.clone()).await;
    team.give(&ada, "viewer").await;
    let shown = team.app.as_user(&ada).get(&format!("/v1/tasks/{}", id(&adas))).await.ok(200);
    assert_eq!(shown["assignee_id"], json!(ada.id));
    team.app.as_user(&team.mia).post("/v1/tasks", new).await.ok(201);
    team.app.as_user(&ada).patch(&team.task(), json!({ "title": "y" })).await.ok(200);
    team.app.as_user(&ada).patch(&team.project(), json!({ "name": "y" })).await.ok(200);
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn project_managers_need_no_manager_account(db: PgPool) {
    let team = Team::new(&db).await;
    let (lee, bob) = (team.app.user("Lee").await, team.app.user("Bob").await);
    team.give(&lee, "manager").await;
    let client = team.app.as_user(&lee);
    assert_eq!(
        client.patch(&team.project(), json!({ "name": "New", "description": "y" })).await.ok(200)["name"],
        "New"
    );
    client.put(&team.member(&bob), None).await.ok(204);
    client.put(&team.member(&bob), json!({ "role": "manager" })).await.ok(204);
    client.delete(&team.member(&bob)).await.ok(204);
    client.patch(&team.task(), json!({ "title": "y" })).await.ok(200);
    let comment =
        team.app.as_user(&team.ann).post(&format!("{}/comments", team.task()), json!({ "body": "x" })).await.ok(201);
    client.patch(&format!("/v1/comments/{}", id(&comment)), json!({ "body": "y" })).await.ok(200);
    client.delete(&format!("/v1/comments/{}", id(&comment))).await.ok(204);
    client.delete(&team.task()).await.ok(204);
    client.post(&format!("{}/restore", team.task()), None).await.ok(200);

    // They get reports of the whole project, and elsewhere of their own work only.
    let report = json!({ "kind": "workload", "project_id": id(&team.project), "format": "csv", "from": "2026-01-01T00:00:00Z", "to": "2026-02-01T00:00:00Z" });
    client.post("/v1/reports", report.clone()).await.ok(202);
    assert!(!team.app.one::<bool>("SELECT own_work FROM reports").await);
    let weekly = json!({ "kind": "workload", "project_id": id(&team.project), "format": "csv" });
    client.post("/v1/report-subscriptions", weekly).await.ok(201);
    client.post("/v1/report-subscriptions", json!({ "kind": "workload", "format": "csv" })).await.ok(403);

    let before = team.app.fingerprint().await;
    for refused in [
        client.patch(&team.project(), json!({ "owner_id": lee.id, "name": "z" })).await,
        client.delete(&team.project()).await,
    ] {
        assert_eq!(refused.ok(403)["code"], "project_owner_required");
    }
    client.delete(&team.member(&team.mia)).await.ok(409);
    for refused in [
        team.app.as_user(&team.ann).patch(&team.project(), json!({ "name": "z" })).await,
        team.app.as_user(&team.ann).put(&team.member(&bob), None).await,
        team.app.as_user(&team.ann).delete(&team.member(&lee)).await,
    ] {
        assert_eq!(refused.ok(403)["code"], "project_manager_required");
    }
    assert_eq!(team.app.fingerprint().await, before);
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn a_former_owner_stays_a_manager_of_the_project(db: PgPool) {
    let team = Team::new(&db).await;
    let (eve, mia) = (team.app.manager("Eve").await, team.app.as_user(&team.mia));
    team.give(&eve, "viewer").await;
    team.app.sql(&format!("UPDATE users SET role = 'user' WHERE id = '{}'", team.mia.id)).await;
    mia.delete(&team.project()).await.ok(204);
    mia.post(&format!("{}/restore", team.project()), None).await.ok(200);
    let handed_on = mia.patch(&team.project(), json!({ "owner_id": eve.id, "name": "Eve's" })).await.ok(200);
    assert_eq!((&handed_on["owner_id"], &handed_on["name"]), (&json!(eve.id), &json!("Eve's")));
    assert_eq!(team.roles().await, ["manager", "member", "manager"]);
    mia.patch(&team.project(), json!({ "name": "Still" })).await.ok(200);
    mia.delete(&team.project()).await.ok(403);
    team.app.as_user(&eve).put(&team.member(&team.mia), json!({ "role": "viewer" })).await.ok(204);
    mia.patch(&team.project(), json!({ "name": "No more" })).await.ok(403);
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn a_moved_task_is_found_by_its_former_keys(db: PgPool) {
    let team = Team::new(&db).await;
    let (app, mia) = (&team.app, team.app.as_user(&team.mia));
    let lab = app.project(&team.mia, "LAB", &[]).await;
    let part = json!({ "title": "part", "project_id": id(&team.project), "parent_id": id(&team.task) });
    let part = app.task(&team.ann, part).await;
    mia.put(&format!("{}/assignee", team.task()), json!({ "assignee_id": null })).await.ok(200);
    assert_eq!(mia.patch("/v1/tasks/WEB-1", json!({ "project_id": id(&lab) })).await.ok(200)["key"], "LAB-1");
    for (former, task, key) in [("WEB-1", &team.task, "LAB-1"), ("web-2", &part, "LAB-2")] {
        let found = mia.get(&format!("/v1/tasks/{former}")).await.ok(200);
        assert_eq!((&found["id"], text(&found["key"])), (&task["id"], key));
    }
    assert_eq!(mia.patch("/v1/tasks/WEB-1", json!({ "title": "New" })).await.ok(200)["key"], "LAB-1");
    app.as_user(&team.ann).get("/v1/tasks/WEB-1").await.ok(404);
    mia.get("/v1/tasks/WEB-3").await.ok(404);

    // It moves again: both old keys find it. The project is deleted for good, and another project takes its key.
    let ops = app.project(&team.mia, "OPS", &[]).await;
    mia.patch("/v1/tasks/LAB-1", json!({ "project_id": id(&ops) })).await.ok(200);
    for former in ["WEB-1", "LAB-1", "OPS-1"] {
        assert_eq!(mia.get(&format!("/v1/tasks/{former}")).await.ok(200)["id"], team.task["id"]);
    }
    app.sql(&format!("DELETE FROM projects WHERE id = '{}'", id(&team.project))).await;
    assert_eq!(mia.get("/v1/tasks/WEB-1").await.ok(200)["key"], "OPS-1");
    let again = app.project(&team.mia, "WEB", &[]).await;
    let other = app.task(&team.mia, json!({ "title": "z", "project_id": id(&again) })).await;
    assert_eq!(mia.get("/v1/tasks/WEB-1").await.ok(200)["id"], other["id"], "the present holder wins");
    mia.patch("/v1/tasks/WEB-1", json!({ "project_id": id(&ops) })).await.ok(200);
    assert_eq!(mia.get("/v1/tasks/WEB-1").await.ok(200)["id"], other["id"], "then the last");
    app.sql(&format!("DELETE FROM tasks WHERE id = '{}'", id(&other))).await;
    mia.get("/v1/tasks/WEB-1").await.ok(404);
}

/// Permissions are checked under the lock: a user who becomes a viewer while their request waits changes nothing.
#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn a_waiting_request_is_refused_after_a_demotion_to_viewer(db: PgPool) {
    let team = Team::new(&db).await;
    let comment =
        team.app.as_user(&team.mia).post(&format!("{}/comments", team.task()), json!({ "body": "x" })).await.ok(201);
    let comment = format!("/v1/comments/{}", id(&comment));
    let requests = [
        ("PATCH", team.task(), Some(json!({ "title": "y" })), 403),
        ("PATCH", team.task(), Some(json!({ "parent_id": null, "title": "y" })), 403),
        ("DELETE", team.task(), None, 403),
        ("DELETE", comment, None, 403),
    ];
    for (method, path, body, status) in requests {
        let (project, ann) = (id(&team.project), team.ann.id);
        team.app.sql(&format!("UPDATE memberships SET role = 'manager' WHERE user_id = '{ann}'")).await;
        let mut tx = db.begin().await.unwrap();
        for sql in [
            format!("SELECT FROM projects WHERE id = '{project}' FOR UPDATE"),
            format!("UPDATE memberships SET role = 'viewer' WHERE project_id = '{project}' AND user_id = '{ann}'"),
        ] {
            sqlx::query(sqlx::AssertSqlSafe(sql)).execute(&mut *tx).await.unwrap();
        }
        let client = team.app.as_user(&team.ann);
        let sent = tokio::spawn(async move { client.send(method, &path, body).await });
        waits(&db).await;
        tx.commit().await.unwrap();
        sent.await.unwrap().ok(status);
    }
}

/// Waits until a request waits for a lock.
async fn waits(db: &PgPool) {
    let waiting =
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
    while sqlx::query_scalar::<_, i64>(waiting).fetch_one(db).await.unwrap() == 0 {
        tokio::task::yield_now().await;
    }
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn setting_the_viewer_role_again_removes_assignments(db: PgPool) {
    let team = Team::new(&db).await;
    let ada = team.app.admin("Ada").await;
    team.give(&ada, "viewer").await;
    let new = json!({ "title": "x", "project_id": id(&team.project), "assignee_id": ada.id });
    let adas = format!("/v1/tasks/{}", id(&team.app.task(&team.mia, new).await));
    team.app.sql(&format!("UPDATE users SET role = 'user' WHERE id = '{}'", ada.id)).await;
    team.app.as_user(&ada).patch(&adas, json!({ "title": "y" })).await.ok(403);
    team.give(&ada, "viewer").await;
    assert_eq!(team.app.as_user(&team.mia).get(&adas).await.ok(200)["assignee_id"], json!(null));
    let before = team.app.fingerprint().await;
    team.give(&ada, "viewer").await;
    assert_eq!(team.app.fingerprint().await, before);
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn a_refused_move_reveals_nothing_about_a_hidden_project(db: PgPool) {
    let team = Team::new(&db).await;
    let (eve, max) = (team.app.user("Eve").await, team.app.manager("Max").await);
    let lee = team.app.user("Lee").await;
    team.give(&lee, "viewer").await;
    let own = format!("/v1/tasks/{}", id(&team.app.task(&eve, json!({ "title": "x" })).await));
    let eve = team.app.as_user(&eve);
    for assignee in [team.ann.id, lee.id, max.id] {
        let patch = json!({ "project_id": id(&team.project), "assignee_id": assignee });
        let refused = eve.patch(&own, patch).await;
        assert_eq!(refused.body["code"], "project_not_joined", "{refused}");
        refused.wrong(&["/project_id"]);
    }
    let under = json!({ "project_id": id(&team.project), "parent_id": id(&team.task) });
    eve.patch(&own, under).await.wrong(&["/project_id"]);
    // A viewer learns that the project is read-only.
    let lees = format!("/v1/tasks/{}", id(&team.app.task(&lee, json!({ "title": "x" })).await));
    let patch = json!({ "project_id": id(&team.project), "assignee_id": max.id });
    assert_eq!(team.app.as_user(&lee).patch(&lees, patch).await.ok(403)["code"], "project_read_only");
}

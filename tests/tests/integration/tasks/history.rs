use serde_json::{Value, json};
use shared::db::PgPool;

use crate::support::{App, Person, each, id, text};

/// Returns the history of a task, newest first, as (kind, changes).
async fn activity(app: &App, caller: &Person, task: &Value) -> Vec<(String, Value)> {
    let page = app.as_user(caller).get(&format!("/v1/tasks/{}/activity", id(task))).await.ok(200);
    let entries = page["items"].as_array().unwrap();
    entries.iter().map(|entry| (text(&entry["kind"]).to_owned(), entry["changes"].clone())).collect()
}

fn change(field: &str, from: impl Into<Value>, to: impl Into<Value>) -> Value {
    json!({ "field": field, "from": from.into(), "to": to.into() })
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn every_change_is_recorded_once_with_old_and_new_values(db: PgPool) {
    let app = App::new(&db);
    let (mia, ann) = (app.manager("mia").await, app.user("ann").await);
    let (web, lab) = (app.project(&mia, "WEB", &[&ann]).await, app.project(&mia, "LAB", &[&ann]).await);
    let task =
        app.task(&mia, json!({ "title": "Old", "project_id": id(&web), "due_at": "2030-01-01T00:00:00Z" })).await;
    let at = format!("/v1/tasks/{}", id(&task));
    let client = app.as_user(&mia);
    let mut expected = vec![("created".to_owned(), json!([]))];
    let mut expect = |kind: &str, changes: Value| expected.insert(0, (kind.to_owned(), changes));

    client.patch(&at, json!({ "title": "New", "due_at": null, "labels": ["a"], "status": "todo" })).await.ok(200);
    expect(
        "updated",
        json!([
            change("title", "Old", "New"),
            change("due_at", "2030-01-01T00:00:00Z", json!(null)),
            change("labels", json!([]), json!(["a"]))
        ]),
    );
    client.put(&format!("{at}/status"), json!({ "status": "done" })).await.ok(200);
    expect("status_changed", json!([change("status", "todo", "done")]));
    client.put(&format!("{at}/assignee"), json!({ "assignee_id": ann.id })).await.ok(200);
    expect("assigned", json!([change("assignee_id", json!(null), json!(ann.id))]));
    client.patch(&at, json!({ "assignee_id": mia.id, "status": "todo" })).await.ok(200);
    expect("assigned", json!([change("status", "done", "todo"), change("assignee_id", json!(ann.id), json!(mia.id))]));
    client.patch(&at, json!({ "project_id": id(&lab) })).await.ok(200);
    expect("moved", json!([change("project_id", web["id"].clone(), lab["id"].clone())]));
    client.delete(&at).await.ok(204);
    expect("deleted", json!([]));
    client.post(&format!("{at}/restore"), None).await.ok(200);
    expect("restored", json!([]));
    let comment = client.post(&format!("{at}/comments"), json!({ "body": "first" })).await.ok(201);
    expect("commented", json!([change("comment", json!(null), "first")]));
    let comment = format!("/v1/comments/{}", id(&comment));
    client.patch(&comment, json!({ "body": "second" })).await.ok(200);
    expect("comment_updated", json!([change("comment", "first", "second")]));
    client.delete(&comment).await.ok(204);
    expect("comment_deleted", json!([change("comment", "second", json!(null))]));

    assert_eq!(activity(&app, &mia, &task).await, expected);
    let page = app.as_user(&ann).get(&format!("{at}/activity")).await.ok(200);
    assert!(each(&page, "actor_id").into_iter().all(|actor| *actor == json!(mia.id)));
    check_outbox(&app).await;
}

/// Checks that every history entry has one event with the same id and content, written in the same transaction, and
/// that there are no other events except those of projects and members.
async fn check_outbox(app: &App) {
    let unmatched = "activity a
        FULL JOIN (SELECT *, xmin AS x FROM outbox WHERE queue = 'events' AND payload->>'event' NOT IN ('added_to_project', 'project', 'project_changed')) o USING (id)
        WHERE a.id IS NULL
           OR o.id IS NULL AND NOT EXISTS (
               SELECT FROM outbox e WHERE e.xmin = a.xmin AND e.payload->>'kind' = a.kind
                  AND (e.payload->'parts' ? a.task_id::text OR e.payload->'task_ids' ? a.task_id::text))
           OR a.xmin <> o.x OR o.handled_at IS NOT NULL
           OR NOT o.payload @> jsonb_build_object('event', 'task', 'kind', a.kind, 'activity_id', a.id, 'task_id', a.task_id,
                                                  'actor_id', a.actor_id)";
    assert!(app.count("activity").await > 0);
    assert_eq!(app.count(unmatched).await, 0);
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn a_change_and_its_history_are_one_transaction(db: PgPool) {
    let app = App::new(&db);
    let mia = app.manager("mia").await;
    let task = app.task(&mia, json!({ "title": "x" })).await;
    let at = format!("/v1/tasks/{}", id(&task));
    let newest = "tasks t JOIN activity a ON a.task_id = t.id WHERE t.xmin = a.xmin AND a.id = (SELECT id FROM activity ORDER BY id DESC LIMIT 1)";
    assert_eq!(app.count(newest).await, 1);
    app.as_user(&mia).patch(&at, json!({ "title": "y" })).await.ok(200);
    assert_eq!(app.count(newest).await, 1);
    app.as_user(&mia).delete(&at).await.ok(204);
    assert_eq!(app.count(newest).await, 1);
    app.as_user(&mia).post(&format!("{at}/restore"), None).await.ok(200);
    assert_eq!(app.count(newest).await, 1);

    // A change whose event cannot be stored is rolled back.
    app.sql("ALTER TABLE outbox ADD CONSTRAINT full_up CHECK (created_at < '2000-01-01') NOT VALID").await;
    let before = app.fingerprint().await;
    let failing = app.as_user(&mia);
    failing.patch(&at, json!({ "title": "z" })).await.ok(500);
    failing.post("/v1/tasks", json!({ "title": "z" })).await.ok(500);
    failing.delete(&at).await.ok(500);
    assert_eq!(app.fingerprint().await, before);
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn a_change_of_many_tasks_is_recorded_for_each(db: PgPool) {
    let app = App::new(&db);
    let (mia, ann) = (app.manager("mia").await, app.user("ann").await);
    let project = app.project(&mia, "WEB", &[&ann]).await;
    let whole = app.task(&mia, json!({ "title": "whole", "project_id": id(&project), "assignee_id": ann.id })).await;
    let part = json!({ "title": "part", "project_id": id(&project), "parent_id": id(&whole), "assignee_id": ann.id });
    let part = app.task(&mia, part).await;
    let kinds =
        async |task: &Value| activity(&app, &mia, task).await.into_iter().map(|(kind, _)| kind).collect::<Vec<_>>();
    let (at, in_project) = (format!("/v1/tasks/{}", id(&whole)), format!("/v1/projects/{}", id(&project)));
    app.as_user(&mia).delete(&at).await.ok(204);
    app.as_user(&mia).post(&format!("{at}/restore"), None).await.ok(200);
    app.as_user(&mia).delete(&in_project).await.ok(204);
    app.as_user(&mia).post(&format!("{in_project}/restore"), None).await.ok(200);
    app.as_user(&mia).delete(&format!("{in_project}/members/{}", ann.id)).await.ok(204);
    let expected = ["assigned", "restored", "deleted", "restored", "deleted", "created"];
    assert_eq!(kinds(&whole).await, expected);
    assert_eq!(kinds(&part).await, expected);
    assert_eq!(activity(&app, &mia, &part).await[0].1, json!([change("assignee_id", json!(ann.id), json!(null))]));
    check_outbox(&app).await;
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn the_history_is_paged(db: PgPool) {
    let app = App::new(&db);
    let mia = app.manager("mia").await;
    let task = app.task(&mia, json!({ "title": "0" })).await;
    let at = format!("/v1/tasks/{}", id(&task));
    for n in 1..=6 {
        app.as_user(&mia).patch(&at, json!({ "title": n.to_string() })).await.ok(200);
    }
    let all = app.as_user(&mia).get(&format!("{at}/activity")).await.ok(200);
    assert!(all["next_cursor"].is_null());
    let (mut met, mut cursor) = (Vec::new(), String::new());
    for expected in [3, 3, 1] {
        let page = app.as_user(&mia).get(&format!("{at}/activity?limit=3{cursor}")).await.ok(200);
        met.extend(page["items"].as_array().unwrap().clone());
        assert_eq!(page["items"].as_array().unwrap().len(), expected);
        cursor = format!("&cursor={}", page["next_cursor"].as_str().unwrap_or("none"));
    }
    assert_eq!(json!(met), all["items"]);
    assert_eq!(cursor, "&cursor=none");
}

/// The functions of a deployment are replaced one after another, and may be rolled back.
#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn an_entry_of_a_newer_version_is_listed(db: PgPool) {
    let app = App::new(&db);
    let ann = app.user("ann").await;
    let task = app.task(&ann, json!({ "title": "x" })).await;
    app.sql("UPDATE activity SET kind = 'estimated', changes = '[{\"field\": \"estimate\", \"from\": 1, \"to\": 2}]'")
        .await;
    let entries = activity(&app, &ann, &task).await;
    assert_eq!(entries, [("estimated".to_owned(), json!([change("unknown", 1, 2)]))]);
}

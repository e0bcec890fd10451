//! Labels are compared case-insensitively, and shown as they were first written in their project.

use serde_json::{Value, json};
use shared::db::PgPool;
use sqlx::AssertSqlSafe;

use crate::support::{App, id, migrate, titles, waiting};

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn labels_that_differ_in_case_are_equal(db: PgPool) {
    let app = App::new(&db);
    let ann = app.user("ann").await;
    let task = app.task(&ann, json!({ "title": "a", "labels": ["Bug", "bug", "Straße"] })).await;
    assert_eq!(task["labels"], json!(["Bug", "Straße"]), "once, as first written");
    let other = app.task(&ann, json!({ "title": "b", "labels": ["STRASSE", "new", "BUG"] })).await;
    assert_eq!(other["labels"], json!(["Straße", "new", "Bug"]), "as first written in the project");
    let at = format!("/v1/tasks/{}", id(&other));
    assert_eq!(app.as_user(&ann).get(&at).await.ok(200), other);

    let same = app.as_user(&ann).patch(&at, json!({ "labels": ["strasse", "NEW", "bUG", "bug"] })).await.ok(200);
    assert_eq!((&same["labels"], &same["version"]), (&other["labels"], &json!(1)), "what already is so is no change");
    let changed = app.as_user(&ann).patch(&at, json!({ "labels": ["bug", "ΟΔΟΣ", "οδος", "İ", "i"] })).await.ok(200);
    assert_eq!(changed["labels"], json!(["Bug", "ΟΔΟΣ", "İ", "i"]), "ς is σ; İ is not i");
    let history = app.as_user(&ann).get(&format!("{at}/activity")).await.ok(200);
    assert_eq!(history["items"][0]["changes"][0]["to"], changed["labels"]);

    for (label, expected) in
        [("BUG", "ab"), ("strasse", "a"), ("STRAßE", "a"), ("οδοσ", "b"), ("I", "b"), ("NEW", ""), ("nEw,bug", "ab")]
    {
        let label: Vec<_> = label.bytes().map(|byte| format!("%{byte:02X}")).collect();
        let path = format!("/v1/tasks?sort=title&label={}", label.concat());
        assert_eq!(titles(&app.as_user(&ann).get(&path).await.ok(200)).concat(), expected, "{path}");
    }
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn a_moved_task_takes_the_label_spelling_of_its_project(db: PgPool) {
    let app = App::new(&db);
    let mia = app.manager("mia").await;
    let (web, lab) = (app.project(&mia, "WEB", &[]).await, app.project(&mia, "LAB", &[]).await);
    let new = |project: &Value, labels: Value| json!({ "title": "x", "project_id": id(project), "labels": labels });
    app.task(&mia, new(&web, json!(["Bug", "ui"]))).await;
    app.task(&mia, new(&lab, json!(["BUG"]))).await;
    let task = app.task(&mia, new(&web, json!(["bug", "UI"]))).await;
    assert_eq!(task["labels"], json!(["Bug", "ui"]));
    let at = format!("/v1/tasks/{}", id(&task));
    let moved = app.as_user(&mia).patch(&at, json!({ "project_id": id(&lab) })).await.ok(200);
    assert_eq!(moved["labels"], json!(["BUG", "ui"]));
    assert_eq!(app.as_user(&mia).get(&at).await.ok(200), moved);
    for filter in ["", "&assignee_id=none", &format!("&project_id={},{}", id(&web), id(&lab))] {
        let page = app.as_user(&mia).get(&format!("/v1/tasks?label=bug{filter}")).await.ok(200);
        assert_eq!(page["items"].as_array().unwrap().len(), 3, "{filter}");
    }
    let page = app.as_user(&mia).get(&format!("/v1/tasks?label=bug&project_id={}", id(&lab))).await.ok(200);
    assert_eq!(page["items"].as_array().unwrap().len(), 2);
    app.as_user(&mia).delete(&at).await.ok(204);
    let page = app.as_user(&mia).get("/v1/tasks?label=bug&deleted=true").await.ok(200);
    assert_eq!(page["items"].as_array().unwrap().len(), 1);
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn concurrent_writes_of_a_label_agree_on_the_spelling(db: PgPool) {
    let app = App::new(&db);
    let ann = app.user("ann").await;
    let task = app.task(&ann, json!({ "title": "x" })).await;
    // Both start before either completes: they wait for the project.
    let mut held = db.begin().await.unwrap();
    sqlx::query("SELECT id FROM projects FOR UPDATE").execute(&mut *held).await.unwrap();
    let create = async |label: &str| {
        app.as_user(&ann).post("/v1/tasks", json!({ "title": "x", "labels": [label] })).await.ok(201)["labels"].clone()
    };
    let release = async {
        waiting(&db, 2).await;
        held.rollback().await.unwrap();
    };
    let (one, other, ()) = tokio::join!(create("Bug"), create("bug"), release);
    assert_eq!(one, other);

    // An update does not wait for the project, but for the label.
    let mut held = db.begin().await.unwrap();
    sqlx::query("INSERT INTO labels SELECT project_id, 'new', 'NEW' FROM labels").execute(&mut *held).await.unwrap();
    let change = async {
        let at = format!("/v1/tasks/{}", id(&task));
        app.as_user(&ann).patch(&at, json!({ "labels": ["new"] })).await.ok(200)["labels"].clone()
    };
    let release = async {
        waiting(&db, 1).await;
        held.commit().await.unwrap();
    };
    let (changed, ()) = tokio::join!(change, release);
    assert_eq!(changed, json!(["NEW"]));
}

#[sqlx::test(migrations = false)]
async fn existing_labels_take_the_spelling_of_the_oldest_task(db: PgPool) {
    migrate(&db, 0..19).await;
    let user = "INSERT INTO users (id, email, name, password_hash) VALUES (md5('u')::uuid, 'u@example.com', 'U', '')";
    let projects = "INSERT INTO projects (id, key, name, owner_id)
                    SELECT md5('p' || n)::uuid, 'P' || n, 'x', md5('u')::uuid FROM generate_series(1, 2) n";
    let tasks = "INSERT INTO tasks (id, project_id, number, title, labels, created_by, created_at, deleted_at) VALUES
        (md5('a')::uuid, md5('p1')::uuid, 1, 'a', '{bug,UI,ui}', md5('u')::uuid, '2022-01-01', NULL),
        (md5('b')::uuid, md5('p1')::uuid, 2, 'b', '{Bug,new}', md5('u')::uuid, '2021-01-01', now()),
        (md5('c')::uuid, md5('p1')::uuid, 3, 'c', '{}', md5('u')::uuid, '2020-01-01', NULL),
        (md5('d')::uuid, md5('p2')::uuid, 1, 'd', '{BUG,new,bug,Bug}', md5('u')::uuid, '2022-01-01', NULL)";
    for sql in [user, projects, tasks] {
        sqlx::query(AssertSqlSafe(sql)).execute(&db).await.unwrap();
    }
    migrate(&db, 19..i64::MAX).await;
    let found: Vec<(String, Vec<String>, i64)> =
        sqlx::query_as("SELECT title, labels, version FROM tasks ORDER BY title").fetch_all(&db).await.unwrap();
    let found: Vec<_> =
        found.iter().map(|(title, labels, version)| format!("{title}{version} {}", labels.join(","))).collect();
    assert_eq!(found, ["a2 Bug,UI", "b1 Bug,new", "c1 ", "d2 BUG,new"]);
    // A function of the previous deployment writes labels as before.
    let old = "INSERT INTO tasks (id, project_id, number, title, labels, created_by)
               VALUES (md5('e')::uuid, md5('p1')::uuid, 4, 'e', '{BUG,More}', md5('u')::uuid) RETURNING labels";
    let labels: Vec<String> = sqlx::query_scalar(old).fetch_one(&db).await.unwrap();
    assert_eq!(labels, ["Bug", "More"]);
}

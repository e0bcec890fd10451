//! Numbers for lists: of tasks, of projects and of labels.

use serde_json::{Value, json};
use shared::db::PgPool;

use crate::support::{App, id, migrate};

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn a_count_takes_the_parameters_of_the_list_and_ends_at_a_thousand(db: PgPool) {
    let app = App::new(&db);
    let (mia, ann) = (app.manager("mia").await, app.user("ann").await);
    let web = app.project(&mia, "WEB", &[&ann]).await;
    let secret = app.project(&mia, "LAB", &[]).await;
    for (project, count) in [(&web, 1_003), (&secret, 7)] {
        app.sql(&format!(
            "INSERT INTO tasks (id, project_id, number, title, created_by, labels, status)
             SELECT gen_random_uuid(), '{}', n, 'Task ' || n % 7, '{}', CASE WHEN n % 10 = 0 THEN ARRAY['red'] ELSE '{{}}' END,
                    CASE WHEN n <= 3 THEN 'done'::task_status ELSE 'todo' END FROM generate_series(1, {count}) n",
            id(project),
            mia.id
        ))
        .await;
    }
    for (query, count, at_least) in [
        ("", 1_000, true),
        ("?status=todo", 1_000, false),
        ("?status=done&limit=1&sort=-title", 3, false),
        ("?label=RED", 100, false),
        ("?q=task", 1_000, true),
        ("?q=task%203", 143, false),
        ("?deleted=true", 0, false),
        ("?assignee_id=me", 0, false),
    ] {
        let counted = app.as_user(&ann).get(&format!("/v1/tasks/count{query}")).await.ok(200);
        assert_eq!(counted, json!({ "count": count, "at_least": at_least }), "{query}");
    }
    let all = app.as_user(&mia).get("/v1/tasks/count?status=done").await.ok(200);
    assert_eq!(all["count"], 6);
    for query in ["?status=x", "?limit=0", "?nonsense=1", "?sort=rank"] {
        assert_eq!(app.as_user(&ann).get(&format!("/v1/tasks/count{query}")).await.status, 400, "{query}");
    }
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn a_list_of_projects_has_their_numbers(db: PgPool) {
    let app = App::new(&db);
    let (mia, ann) = (app.manager("mia").await, app.user("ann").await);
    let web = app.project(&mia, "WEB", &[&ann]).await;
    let new = |more: Value| {
        let mut new = json!({ "title": "x", "project_id": id(&web) });
        new.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        new
    };
    app.task(&mia, new(json!({ "due_at": "2020-01-01T00:00:00Z", "assignee_id": ann.id }))).await;
    app.task(&mia, new(json!({ "due_at": "2020-01-01T00:00:00Z", "status": "done" }))).await;
    app.task(&mia, new(json!({ "due_at": "2040-01-01T00:00:00Z" }))).await;
    let gone = app.task(&mia, new(json!({}))).await;
    app.as_user(&mia).delete(&format!("/v1/tasks/{}", id(&gone))).await.ok(204);
    app.tell_everyone().await;
    let list = async |query: &str| app.as_user(&ann).get(&format!("/v1/projects{query}")).await;
    let counted = list("?with=counts&limit=50").await.ok(200);
    let numbers =
        |at: usize| ["open_count", "overdue_count", "unread_count"].map(|name| counted["items"][at][name].clone());
    assert_eq!((&counted["items"][0]["key"], numbers(0)), (&json!("WEB"), [json!(2), json!(1), json!(2)]));
    assert_eq!(numbers(1), [json!(0), json!(0), json!(0)], "the Inbox");
    // What is unread about a task moves with it; what was snoozed or read does not count.
    let lab = app.project(&mia, "LAB", &[&ann]).await;
    app.tell_everyone().await;
    app.as_user(&mia).patch("/v1/tasks/WEB-1", json!({ "project_id": id(&lab) })).await.ok(200);
    let moved = list("?with=counts").await.ok(200);
    let unread: Vec<_> =
        moved["items"].as_array().unwrap().iter().map(|item| (&item["key"], &item["unread_count"])).collect();
    assert_eq!(unread[..2], [(&json!("LAB"), &json!(2)), (&json!("WEB"), &json!(1))]);
    app.as_user(&mia).patch("/v1/tasks/LAB-1", json!({ "project_id": id(&web) })).await.ok(200);
    assert_eq!(list("").await.ok(200)["items"][0].get("open_count"), None);
    assert_eq!([list("?with=counts&limit=51").await.status, list("?with=names").await.status], [400, 400]);

    app.sql(&format!(
        "INSERT INTO tasks (id, project_id, number, title, created_by, due_at)
         SELECT gen_random_uuid(), '{}', n, 'x', '{}', now() - interval '1 day' FROM generate_series(100, 1200) n",
        id(&web),
        mia.id
    ))
    .await;
    let counted = list("?with=counts").await.ok(200);
    assert_eq!(
        (&counted["items"][1]["open_count"], &counted["items"][1]["overdue_count"]),
        (&json!(1_000), &json!(1_000))
    );
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn labels_are_listed_with_counts(db: PgPool) {
    let app = App::new(&db);
    let (mia, ann) = (app.manager("mia").await, app.user("ann").await);
    let (web, lab) = (app.project(&mia, "WEB", &[&ann]).await, app.project(&mia, "LAB", &[]).await);
    let new = |project: &Value, labels: Value| json!({ "title": "x", "project_id": id(project), "labels": labels });
    let first = app.task(&mia, new(&web, json!(["Bug", "ui"]))).await;
    let second = app.task(&mia, new(&web, json!(["BUG", "Größe"]))).await;
    app.task(&mia, new(&lab, json!(["bug", "secret"]))).await;
    let as_mia = app.as_user(&mia);
    let labels = async |query: &str| {
        let list = app.as_user(&mia).get(&format!("/v1/labels{query}")).await.ok(200);
        let items = list["items"].as_array().unwrap().clone();
        items.iter().map(|item| format!("{} {}", item["label"].as_str().unwrap(), item["count"])).collect::<Vec<_>>()
    };
    let of_web = format!("?project_id={}", id(&web));
    assert_eq!(labels("").await, ["Bug 3", "Größe 1", "secret 1", "ui 1"]);
    assert_eq!(labels(&of_web).await, ["Bug 2", "Größe 1", "ui 1"]);
    assert_eq!(labels("?q=GR%C3%96SSE").await, ["Größe 1"]);
    assert_eq!(app.as_user(&ann).get("/v1/labels?q=secret").await.ok(200)["items"], json!([]));
    let elsewhere = app.as_user(&ann).get(&format!("/v1/labels?project_id={}", id(&lab))).await.ok(200);
    assert_eq!(elsewhere["items"], json!([]), "what one may not see does not exist");

    let path = |task: &Value| format!("/v1/tasks/{}", id(task));
    as_mia.patch(&path(&first), json!({ "labels": ["ui", "new"] })).await.ok(200);
    assert_eq!(labels(&of_web).await, ["Bug 1", "Größe 1", "new 1", "ui 1"]);
    as_mia.delete(&path(&second)).await.ok(204);
    assert_eq!(labels(&of_web).await, ["new 1", "ui 1"]);
    as_mia.post(&format!("{}/restore", path(&second)), None).await.ok(200);
    as_mia.patch(&path(&second), json!({ "project_id": id(&lab) })).await.ok(200);
    assert_eq!(labels(&of_web).await, ["new 1", "ui 1"]);
    assert_eq!(labels(&format!("?project_id={}", id(&lab))).await, ["bug 2", "Größe 1", "secret 1"]);

    // A project takes its labels to the trash and back.
    as_mia.delete(&format!("/v1/projects/{}", id(&lab))).await.ok(204);
    assert_eq!(labels("").await, ["new 1", "ui 1"]);
    as_mia.post(&format!("/v1/projects/{}/restore", id(&lab)), None).await.ok(200);
    assert_eq!(labels("").await, ["bug 2", "Größe 1", "new 1", "secret 1", "ui 1"]);
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn a_label_is_renamed_or_merged(db: PgPool) {
    let app = App::new(&db);
    let mia = app.manager("mia").await;
    let web = app.project(&mia, "WEB", &[]).await;
    let new = |labels: Value| json!({ "title": "x", "project_id": id(&web), "labels": labels });
    let both = app.task(&mia, new(json!(["Bug", "ui", "defect"]))).await;
    let thrown = app.task(&mia, new(json!(["bug"]))).await;
    let other = app.task(&mia, new(json!(["ui"]))).await;
    let as_mia = app.as_user(&mia);
    as_mia.delete(&format!("/v1/tasks/{}", id(&thrown))).await.ok(204);
    let rename = async |from: &str, to: &str| {
        as_mia.put(&format!("/v1/projects/{}/labels/{from}", id(&web)), json!({ "label": to })).await
    };
    let labels = async |task: &Value| as_mia.get(&format!("/v1/tasks/{}", id(task))).await.ok(200)["labels"].clone();
    assert_eq!(rename("BUG", "bug").await.ok(200), json!({ "changed": 2 }), "another spelling");
    assert_eq!(labels(&both).await, json!(["bug", "ui", "defect"]));
    assert_eq!(rename("bug", "bug").await.ok(200), json!({ "changed": 0 }));
    assert_eq!(rename("bug", "Defect").await.ok(200), json!({ "changed": 2 }), "one of two");
    assert_eq!(labels(&both).await, json!(["defect", "ui"]));
    assert_eq!(rename("ui", "a/b %").await.ok(200), json!({ "changed": 2 }), "another name");
    assert_eq!(rename("a%2Fb%20%25", "ui 山").await.ok(200), json!({ "changed": 2 }));
    assert_eq!(labels(&other).await, json!(["ui 山"]));
    as_mia.patch(&format!("/v1/tasks/{}", id(&other)), json!({ "labels": ["gone"] })).await.ok(200);
    as_mia.patch(&format!("/v1/tasks/{}", id(&other)), json!({ "labels": ["ui 山"] })).await.ok(200);
    let before = app.count("project_changes").await;
    assert_eq!(rename("gone", "never").await.ok(200), json!({ "changed": 0 }));
    assert_eq!(app.count("project_changes").await, before);
    assert_eq!([rename("bug", "x").await.status, rename("ui", "x").await.status], [404, 404]);
    rename("defect", "").await.wrong(&["/label"]);
    rename("defect", "   ").await.wrong(&["/label"]);

    let restored = as_mia.post(&format!("/v1/tasks/{}/restore", id(&thrown)), None).await.ok(200);
    assert_eq!(restored["labels"], json!(["defect"]));
    let listed = as_mia.get(&format!("/v1/labels?project_id={}", id(&web))).await.ok(200);
    assert_eq!(listed["items"], json!([{ "label": "defect", "count": 2 }, { "label": "ui 山", "count": 2 }]));
    // It is in the history and in the feed, and nobody is notified.
    let history = as_mia.get(&format!("/v1/tasks/{}/activity", id(&other))).await.ok(200);
    let change = json!([{ "field": "labels", "from": ["a/b %"], "to": ["ui 山"] }]);
    assert_eq!((&history["items"][2]["changes"], &history["items"][2]["kind"]), (&change, &json!("updated")));
    app.tell_everyone().await;
    assert_eq!(app.count("notifications").await, 0);
    let feed = as_mia.get(&format!("/v1/projects/{}/changes?since=7", id(&web))).await.ok(200);
    assert_eq!((&feed["items"][0]["event"], feed["items"][0]["ids"].as_array().unwrap().len()), (&json!("updated"), 2));
    // One's own Inbox has labels, too.
    let mine = app.task(&mia, json!({ "title": "x", "labels": ["Home"] })).await;
    let path = format!("/v1/projects/{}/labels/home", mine["project_id"].as_str().unwrap());
    assert_eq!(as_mia.put(&path, json!({ "label": "House" })).await.ok(200)["changed"], 1);
}

#[sqlx::test(migrations = false)]
async fn the_migration_counts_the_labels_that_there_are(db: PgPool) {
    migrate(&db, 0..28).await;
    let app = App::new(&db);
    app.sql(
        "INSERT INTO users (id, email, name, password_hash) VALUES (md5('u')::uuid, 'u@example.com', 'User', '');
         INSERT INTO projects (id, key, name, owner_id, deleted_at) VALUES
             (md5('p')::uuid, 'P', 'In use', md5('u')::uuid, NULL), (md5('q')::uuid, 'Q', 'In the trash', md5('u')::uuid, now());
         INSERT INTO tasks (id, project_id, number, title, created_by, labels, deleted_at) VALUES
             (gen_random_uuid(), md5('p')::uuid, 1, '', md5('u')::uuid, '{Red,blue}', NULL),
             (gen_random_uuid(), md5('p')::uuid, 2, '', md5('u')::uuid, '{red}', NULL),
             (gen_random_uuid(), md5('p')::uuid, 3, '', md5('u')::uuid, '{red}', now()),
             (gen_random_uuid(), md5('q')::uuid, 1, '', md5('u')::uuid, '{red}', now() - interval '1 day'),
             (gen_random_uuid(), md5('q')::uuid, 2, '', md5('u')::uuid, '{red}', (SELECT deleted_at FROM projects WHERE key = 'Q'));",
    )
    .await;
    migrate(&db, 28..29).await;
    let counts = "SELECT string_agg(key || ' ' || label || ' ' || count, ', ' ORDER BY key, label COLLATE \"C\")
                  FROM labels l JOIN projects p ON p.id = l.project_id";
    assert_eq!(app.one::<String>(counts).await, "P Red 2, P blue 1, Q red 1");
}

//! The feed of a project: `GET /v1/projects/{id}/changes`, and the frames of open projects.

mod access;
mod concurrent;
mod live;

use serde_json::{Value, json};
use shared::db::PgPool;

use crate::support::{App, Person, each, id, text};

fn at(project: &Value) -> String {
    format!("/v1/projects/{}/changes", id(project))
}

/// Returns the changes after `since`, and checks their numbers.
async fn changes(app: &App, reader: &Person, project: &Value, since: i64) -> Vec<Value> {
    let feed = app.as_user(reader).get(&format!("{}?since={since}", at(project))).await.ok(200);
    let items = feed["items"].as_array().unwrap().clone();
    let numbers: Vec<i64> = items.iter().map(|item| item["n"].as_i64().unwrap()).collect();
    assert_eq!(numbers, (since + 1..).take(items.len()).collect::<Vec<_>>());
    assert_eq!(
        (feed["last"].as_i64(), &feed["more"]),
        (Some(since + i64::try_from(items.len()).unwrap()), &json!(false))
    );
    items
}

/// Returns the number of the last change.
async fn last(app: &App, reader: &Person, project: &Value) -> i64 {
    let feed = app.as_user(reader).get(&at(project)).await.ok(200);
    assert_eq!((&feed["items"], &feed["more"]), (&json!([]), &json!(false)));
    feed["last"].as_i64().unwrap()
}

/// Returns the events of changes.
fn events(items: &[Value]) -> Vec<&str> {
    items.iter().map(|item| text(&item["event"])).collect()
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn each_request_that_changes_something_adds_one_change(db: PgPool) {
    let app = App::new(&db);
    let (mia, ann) = (app.manager("mia").await, app.user("ann").await);
    let (web, lab) = (app.project(&mia, "WEB", &[]).await, app.project(&mia, "LAB", &[]).await);
    let (project, member) =
        (format!("/v1/projects/{}", id(&web)), format!("/v1/projects/{}/members/{}", id(&web), ann.id));
    let as_mia = app.as_user(&mia);
    as_mia.put(&member, None).await.ok(204);
    let task = app.task(&mia, json!({ "title": "Write", "project_id": id(&web), "assignee_id": ann.id })).await;
    let part = app.task(&mia, json!({ "title": "Part", "project_id": id(&web), "parent_id": id(&task) })).await;
    let path = format!("/v1/tasks/{}", id(&task));
    let comment = as_mia.post(&format!("{path}/comments"), json!({ "body": "hi" })).await.ok(201);
    let of_comment = format!("/v1/comments/{}", id(&comment));
    let tree = json!([task["id"], part["id"]]);

    // What was made so far.
    let begun = changes(&app, &mia, &web, 0).await;
    assert_eq!(events(&begun), ["members_changed", "created", "created", "commented"]);
    assert_eq!(begun.iter().map(|item| &item["actor_id"]).collect::<Vec<_>>(), [&json!(mia.id); 4]);
    let mut seen = task.clone();
    seen.as_object_mut().unwrap().retain(|name, _| name != "watching" && name != "muted");
    assert_eq!((&begun[1]["task"], &begun[3]["comment"], &begun[3]["task"]), (&seen, &comment, &Value::Null));
    assert_eq!(begun[0].as_object().unwrap().keys().collect::<Vec<_>>(), ["actor_id", "at", "event", "n"]);

    let cases: [(&str, &str, Value, &str, Value); 15] = [
        ("PATCH", &path, json!({ "title": "Written" }), "updated", json!(null)),
        ("PUT", &format!("{path}/status"), json!({ "status": "done" }), "updated", json!(null)),
        ("PUT", &format!("{path}/assignee"), json!({ "assignee_id": mia.id }), "updated", json!(null)),
        ("PATCH", &of_comment, json!({ "body": "ho" }), "comment_changed", json!(null)),
        ("DELETE", &of_comment, Value::Null, "comment_deleted", json!(null)),
        ("DELETE", &path, Value::Null, "deleted", tree.clone()),
        ("POST", &format!("{path}/restore"), Value::Null, "restored", tree.clone()),
        ("PATCH", &path, json!({ "project_id": id(&lab) }), "moved_out", tree.clone()),
        ("PATCH", &path, json!({ "project_id": id(&web) }), "moved_in", tree.clone()),
        ("PATCH", &project, json!({ "name": "Web" }), "project_updated", json!(null)),
        ("PUT", &member, json!({ "role": "viewer" }), "members_changed", json!(null)),
        ("PUT", &member, json!({ "role": "manager" }), "members_changed", json!(null)),
        ("PUT", &format!("{path}/assignee"), json!({ "assignee_id": ann.id }), "updated", json!(null)),
        ("DELETE", &member, Value::Null, "members_changed", json!([task["id"]])),
        ("DELETE", &format!("/v1/tasks/{}", id(&part)), Value::Null, "deleted", json!(null)),
    ];
    let mut since = 4;
    for (method, path, body, event, ids) in cases {
        let send = async || as_mia.send(method, path, Some(body.clone()).filter(|body| !body.is_null())).await;
        let reply = send().await;
        assert!(reply.status < 300, "{reply}");
        let new = changes(&app, &mia, &web, since).await;
        assert_eq!((events(&new), &new[0]["ids"]), (vec![event], &ids), "{method} {path}");
        since += 1;
        // The same again changes nothing.
        if ["PATCH", "PUT"].contains(&method) {
            assert_eq!(send().await.status, reply.status);
        }
        assert_eq!(last(&app, &mia, &web).await, since, "{method} {path}");
    }
    let there = changes(&app, &mia, &lab, 0).await;
    assert_eq!(events(&there), ["moved_in", "moved_out"]);
    assert!(there.iter().all(|item| item["ids"] == tree));

    as_mia.delete(&project).await.ok(204);
    assert_eq!(as_mia.get(&format!("{}?since=0", at(&web))).await.status, 404);
    as_mia.post(&format!("{project}/restore"), None).await.ok(200);
    assert_eq!(events(&changes(&app, &mia, &web, since).await), ["deleted", "restored"]);

    let mine = app.task(&mia, json!({ "title": "Mine" })).await;
    assert_eq!(events(&changes(&app, &mia, &json!({ "id": mine["project_id"] }), 0).await), ["created"]);
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn handing_a_project_on_changes_it_and_its_members(db: PgPool) {
    let app = App::new(&db);
    let (mia, max) = (app.manager("mia").await, app.manager("max").await);
    let web = app.project(&mia, "WEB", &[&max]).await;
    let path = format!("/v1/projects/{}", id(&web));
    app.as_user(&mia).patch(&path, json!({ "owner_id": max.id })).await.ok(200);
    assert_eq!(events(&changes(&app, &max, &web, 1).await), ["members_changed", "project_updated"]);
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn completing_a_recurring_task_adds_a_change_for_it_and_for_each_new_task(db: PgPool) {
    let app = App::new(&db);
    let mia = app.manager("mia").await;
    let web = app.project(&mia, "WEB", &[]).await;
    let recurrence = json!({ "rrule": "FREQ=DAILY", "time_zone": "UTC" });
    let new =
        json!({ "title": "Water", "project_id": id(&web), "due_at": "2030-01-01T08:00:00Z", "recurrence": recurrence });
    let task = app.task(&mia, new).await;
    app.task(&mia, json!({ "title": "Part", "project_id": id(&web), "parent_id": id(&task) })).await;
    let done = json!({ "status": "done" });
    app.as_user(&mia).put(&format!("/v1/tasks/{}/status", id(&task)), done).await.ok(200);
    let mut new = changes(&app, &mia, &web, 2).await;
    new.sort_by_key(|item| text(&item["event"]).to_owned());
    assert_eq!(events(&new), ["created", "created", "updated"]);
}

/// A member with more tasks than a change may name.
#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn a_change_of_more_tasks_than_a_tree_has_is_several_changes(db: PgPool) {
    let app = App::new(&db);
    let (mia, ann) = (app.manager("mia").await, app.user("ann").await);
    let web = app.project(&mia, "WEB", &[&ann]).await;
    app.sql(&format!(
        "INSERT INTO tasks (id, project_id, number, title, created_by, assignee_id)
         SELECT gen_random_uuid(), '{}', n, 'x', '{}', '{}' FROM generate_series(1, 1001) n",
        id(&web),
        mia.id,
        ann.id
    ))
    .await;
    app.as_user(&mia).delete(&format!("/v1/projects/{}/members/{}", id(&web), ann.id)).await.ok(204);
    let new = changes(&app, &mia, &web, 1).await;
    assert_eq!(events(&new), ["members_changed"; 3]);
    let sizes: Vec<usize> = new.iter().map(|item| item["ids"].as_array().unwrap().len()).collect();
    assert_eq!(sizes, [500, 500, 1]);
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn a_response_has_at_most_two_hundred_changes_and_fits_into_the_response_of_a_function(db: PgPool) {
    let app = App::new(&db);
    let mia = app.manager("mia").await;
    let web = app.project(&mia, "WEB", &[]).await;
    let task = app.task(&mia, json!({ "title": "Long", "project_id": id(&web) })).await;
    app.sql(&format!(
        "INSERT INTO project_changes (project_id, n, event, actor_id, task_id)
         SELECT '{0}', n, 'updated', '{1}', '{2}' FROM generate_series(2, 401) n;
         UPDATE projects SET change_counter = 401 WHERE id = '{0}'",
        id(&web),
        mia.id,
        id(&task)
    ))
    .await;
    for (since, count, more) in [(0, 200, true), (200, 200, true), (201, 200, false), (400, 1, false), (401, 0, false)]
    {
        let feed = app.as_user(&mia).get(&format!("{}?since={since}", at(&web))).await.ok(200);
        assert_eq!((each(&feed, "n").len(), &feed["more"], &feed["last"]), (count, &json!(more), &json!(401)));
    }
    // The longest text, of the widest characters.
    // They are in a JSON string of the function's response.
    for widest in ["\u{1f600}", "\"", "\\", "\n"] {
        let long = json!({ "description": widest.repeat(20_000) });
        app.as_user(&mia).patch("/v1/tasks/WEB-1", long).await.ok(200);
        let feed = app.as_user(&mia).get(&format!("{}?since=0", at(&web))).await.ok(200);
        assert!((50..80).contains(&each(&feed, "n").len()) && feed["more"] == true, "{}", each(&feed, "n").len());
        assert!(json!(feed.to_string()).to_string().len() < 6_000_000);
    }
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn changes_that_are_no_longer_kept_and_numbers_that_were_never_given_are_gone(db: PgPool) {
    let app = App::new(&db);
    let mia = app.manager("mia").await;
    let web = app.project(&mia, "WEB", &[]).await;
    for title in ["one", "two", "three"] {
        app.task(&mia, json!({ "title": title, "project_id": id(&web) })).await;
    }
    app.sql("UPDATE project_changes SET created_at = now() - interval '31 days' WHERE n < 3").await;
    let mut conn = db.acquire().await.unwrap();
    let kind = shared::db::clean_up::Expired::ProjectChanges;
    assert_eq!(shared::db::clean_up::delete(&mut conn, kind, chrono::Utc::now()).await.unwrap(), 2);
    let at = |since: i64| format!("{}?since={since}", at(&web));
    for since in [0, 1, 4] {
        let gone = app.as_user(&mia).get(&at(since)).await.ok(410);
        assert_eq!(gone["code"], "changes_expired");
    }
    assert_eq!(changes(&app, &mia, &web, 2).await.len(), 1);
    assert_eq!(changes(&app, &mia, &web, 3).await.len(), 0);
    // Even if one is missing in the middle, none is skipped.
    app.task(&mia, json!({ "title": "four", "project_id": id(&web) })).await;
    app.sql("DELETE FROM project_changes WHERE n = 3").await;
    assert_eq!(app.as_user(&mia).get(&at(2)).await.status, 410);
    app.sql("DELETE FROM project_changes").await;
    assert_eq!(app.as_user(&mia).get(&at(3)).await.status, 410);
    assert_eq!(last(&app, &mia, &web).await, 4);
}

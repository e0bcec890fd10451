//! A feed has no gaps while many write.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use serde_json::{Value, json};
use shared::db::PgPool;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use super::at;
use crate::support::{App, id, text};

const WRITERS: u32 = 16;
/// How many tasks each writer creates. Each task has three more changes.
const TASKS: u32 = 12;
const EARLIER: u32 = 10_000 - WRITERS * TASKS * 4;

/// 10,000 changes, the last of which sixteen writers make while a reader follows page by page.
#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn a_reader_sees_each_change_once_and_in_order_while_sixteen_writers_go_on(db: PgPool) {
    // A connection each. Unlike those of a function, they may take long on a busy machine.
    let pool = PgPoolOptions::new().max_connections(WRITERS + 1).acquire_timeout(Duration::from_mins(1));
    let pool = pool.connect_with(PgConnectOptions::clone(&db.connect_options())).await.unwrap();
    let app = Arc::new(App::with(&db, |parts| parts.db = pool.into()));
    let mia = app.manager("mia").await;
    let web = app.project(&mia, "WEB", &[]).await;
    app.sql(&format!(
        "INSERT INTO project_changes (project_id, n, event, actor_id)
         SELECT '{0}', n, 'project_updated', '{1}' FROM generate_series(1, {EARLIER}) n;
         UPDATE projects SET change_counter = {EARLIER} WHERE id = '{0}'",
        id(&web),
        mia.id
    ))
    .await;
    let writing = Arc::new(AtomicU32::new(WRITERS));
    let writers: Vec<_> = (0..WRITERS)
        .map(|_| {
            let (app, mia, web, writing) = (Arc::clone(&app), mia.clone(), web.clone(), Arc::clone(&writing));
            tokio::spawn(async move {
                let mut made = Vec::new();
                for _ in 0..TASKS {
                    let task = app.task(&mia, json!({ "title": "x", "project_id": id(&web) })).await;
                    let path = format!("/v1/tasks/{}", id(&task));
                    app.as_user(&mia).patch(&path, json!({ "title": "y" })).await.ok(200);
                    let comment =
                        app.as_user(&mia).post(&format!("{path}/comments"), json!({ "body": "z" })).await.ok(201);
                    app.as_user(&mia).delete(&path).await.ok(204);
                    made.push((id(&task).to_owned(), id(&comment).to_owned()));
                }
                writing.fetch_sub(1, Ordering::SeqCst);
                made
            })
        })
        .collect();

    let (mut seen, mut pages) = (Vec::<Value>::new(), 0);
    loop {
        let was_over = writing.load(Ordering::SeqCst) == 0;
        let feed = app.as_user(&mia).get(&format!("{}?since={}", at(&web), seen.len())).await.ok(200);
        seen.extend(feed["items"].as_array().unwrap().iter().cloned());
        pages += 1;
        let last = usize::try_from(feed["last"].as_i64().unwrap()).unwrap();
        assert_eq!(feed["more"], json!(seen.len() < last));
        if was_over && seen.len() == last {
            break;
        }
    }
    assert_eq!(seen.len(), 10_000);
    assert!(pages >= 50, "{pages} pages");
    assert!(seen.iter().zip(1..).all(|(item, n)| item["n"] == n));

    let mut events: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for item in seen.iter().skip(usize::try_from(EARLIER).unwrap()) {
        let task = item["task"].get("id").or_else(|| item["comment"].get("task_id")).unwrap();
        events.entry(text(task).into()).or_default().push(text(&item["event"]));
    }
    for (task, _) in futures_util::future::join_all(writers).await.into_iter().flat_map(Result::unwrap) {
        assert_eq!(events.remove(&task).unwrap(), ["created", "updated", "commented", "deleted"]);
    }
    assert!(events.is_empty(), "{events:?}");
}

/// The assignee becomes a viewer while a creation waits for the project: nothing is created, and the feed has no gap.
#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn a_creation_that_loses_against_a_change_of_role_leaves_no_gap(db: PgPool) {
    let app = Arc::new(App::new(&db));
    let (mia, ann) = (app.manager("mia").await, app.user("ann").await);
    let web = app.project(&mia, "WEB", &[&ann]).await;
    let mut other = db.begin().await.unwrap();
    let lock = "SELECT id FROM projects WHERE key = 'WEB' FOR UPDATE";
    sqlx::query(lock).execute(&mut *other).await.unwrap();
    let creating = {
        let (app, mia, new) =
            (Arc::clone(&app), mia.clone(), json!({ "title": "x", "project_id": id(&web), "assignee_id": ann.id }));
        tokio::spawn(async move { app.as_user(&mia).post("/v1/tasks", new).await })
    };
    crate::support::waiting(&db, 1).await;
    sqlx::query("UPDATE memberships SET role = 'viewer' WHERE user_id = $1")
        .bind(ann.id)
        .execute(&mut *other)
        .await
        .unwrap();
    other.commit().await.unwrap();
    creating.await.unwrap().wrong(&["/assignee_id"]);
    let items = super::changes(&app, &mia, &web, 0).await;
    assert_eq!(super::events(&items), ["members_changed", "project_updated"]);
    app.task(&mia, json!({ "title": "x", "project_id": id(&web) })).await;
    assert_eq!(super::changes(&app, &mia, &web, 2).await.len(), 1);
}

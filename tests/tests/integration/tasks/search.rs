use std::collections::BTreeSet;

use serde_json::json;
use shared::db::PgPool;

use crate::support::{App, Person, id, titles};

async fn found(app: &App, caller: &Person, query: &str) -> Vec<String> {
    let page = app.as_user(caller).get(&format!("/v1/tasks?{query}")).await.ok(200);
    titles(&page).into_iter().map(str::to_owned).collect()
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn words_are_found_by_prefix_in_title_and_description(db: PgPool) {
    let app = App::new(&db);
    let ann = app.user("ann").await;
    for (title, description) in [
        ("Deploy the website", "Ask Søren about deployment of www.example.com"),
        ("Write minutes", "of the deploy meeting; see docs/how_to-write.md"),
        ("山田さんに電話", "mail to ann.lee@example.org, v1.2 (beta)"),
    ] {
        app.task(&ann, json!({ "title": title, "description": description })).await;
    }
    let (deploy, minutes, call) = ("Deploy the website", "Write minutes", "山田さんに電話");
    let cases: [(&str, &[&str]); 22] = [
        ("deploy", &[deploy, minutes]),
        ("DEPL", &[deploy, minutes]),
        ("depl%20web", &[deploy]),
        ("web%20depl", &[deploy]),
        ("ploy", &[]),
        ("deploy%20nothing", &[]),
        ("s%C3%B8r", &[deploy]),
        ("%E5%B1%B1%E7%94%B0", &[call]),
        // Addresses, paths and names are found by their parts.
        ("example", &[deploy, call]),
        ("www.example.com", &[deploy]),
        ("example.com", &[deploy]),
        ("ann.lee@example.org", &[call]),
        ("lee", &[call]),
        ("how_to", &[minutes]),
        ("docs/how", &[minutes]),
        ("v1.2", &[call]),
        // Special characters are no syntax.
        ("deploy%20%26%20!(meeting%7C%3A*%27%22%5C", &[minutes]),
        ("%3A*", &[]),
        ("'", &[]),
        ("%00", &[]),
        ("", &[deploy, minutes, call]),
        ("%20", &[deploy, minutes, call]),
    ];
    for (q, expected) in cases {
        assert_eq!(found(&app, &ann, &format!("q={q}&sort=created_at")).await, expected, "{q}");
    }
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn search_results_are_paged_by_relevance(db: PgPool) {
    let app = App::new(&db);
    let (ann, bob) = (app.user("ann").await, app.user("bob").await);
    for n in 0..3 {
        app.task(&ann, json!({ "title": format!("nothing {n}"), "description": "milk" })).await;
        app.task(&ann, json!({ "title": format!("milk {n}"), "description": "milk and milk" })).await;
        app.task(&ann, json!({ "title": format!("milk, milk {n}") })).await;
        app.task(&bob, json!({ "title": "milk of another" })).await;
    }
    let all = found(&app, &ann, "q=mil").await;
    assert_eq!(all.len(), 9);
    assert!(all[6..].iter().all(|title| title.starts_with("nothing")), "a title counts more: {all:?}");
    assert_eq!(found(&app, &ann, "q=mil&sort=created_at").await[0], "nothing 0", "unless another order is asked for");
    assert_eq!(found(&app, &ann, "q=mil&status=done").await, [""; 0]);

    for limit in [1, 2, 4] {
        let met = app.walk(&ann, "/v1/tasks?q=mil", limit, "title").await;
        assert_eq!(met, all, "by {limit}");
    }
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn search_ranks_only_the_newest_five_hundred(db: PgPool) {
    let app = App::new(&db);
    let ann = app.user("ann").await;
    app.task(&ann, json!({ "title": "milk, milk, milk" })).await;
    app.task(&ann, json!({ "title": "milk, milk" })).await;
    app.sql(
        "INSERT INTO tasks (id, project_id, number, title, created_by)
         SELECT md5('t' || n)::uuid, project_id, 2 + n, 'milk ' || n, created_by
         FROM (SELECT * FROM tasks LIMIT 1) first, generate_series(1, 499) n",
    )
    .await;

    let met = app.walk(&ann, "/v1/tasks?q=mil", 150, "title").await;
    assert_eq!((met.len(), met[0].as_str()), (500, "milk, milk"), "the oldest is not among them");
    assert_eq!(met.iter().collect::<BTreeSet<_>>().len(), 500);
    assert_eq!(app.walk(&ann, "/v1/tasks?q=mil&sort=title", 150, "title").await.len(), 501);
}

/// "milk" is in all tasks and "jam" in few, so that both ways to search are used.
#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn frequent_and_rare_words_are_found_alike(db: PgPool) {
    let app = App::new(&db);
    let (mia, ann, zoe) = (app.manager("mia").await, app.user("ann").await, app.user("zoe").await);
    let admin = app.admin("root").await;
    let (web, ops) = (app.project(&mia, "WEB", &[&ann]).await, app.project(&mia, "OPS", &[]).await);
    app.task(&ann, json!({ "title": "none", "project_id": id(&web) })).await;
    app.task(&mia, json!({ "title": "none", "project_id": id(&ops) })).await;
    app.sql(
        "INSERT INTO tasks (id, project_id, number, title, status, assignee_id, created_by, deleted_at)
         SELECT md5(t.number || p.key || n)::uuid, p.id, 1 + n, 'milk' || CASE WHEN n % 10 = 0 THEN ' jam ' ELSE ' ' END || p.key || n,
                CASE WHEN n % 20 = 0 THEN 'done' ELSE 'todo' END::task_status, CASE WHEN n % 5 = 0 THEN t.created_by END, t.created_by,
                CASE WHEN n % 30 = 0 THEN now() END
         FROM tasks t JOIN projects p ON p.id = t.project_id, generate_series(1, 60) n WHERE p.key IN ('WEB', 'OPS')",
    )
    .await;
    // In small projects a search reads all tasks.
    app.sql("UPDATE projects SET task_counter = 1000000").await;
    let project = format!("project_id={}", id(&web));
    for (filter, condition) in [
        ("", "NOT deleted"),
        ("status=done", "NOT deleted AND done"),
        ("status=done&sort=-title,due_at", "NOT deleted AND done"),
        ("assignee_id=me", "NOT deleted AND assignee_id = me"),
        (&project, "NOT deleted AND key = 'WEB'"),
        ("deleted=true", "deleted"),
        ("sort=created_at", "NOT deleted"),
    ] {
        for word in ["milk", "jam"] {
            for (caller, sees) in [(&ann, "key = 'WEB'"), (&mia, "true"), (&admin, "true"), (&zoe, "false")] {
                let expected: Vec<String> = app
                    .one(&format!(
                        "SELECT coalesce(array_agg(title ORDER BY title), '{{}}')
                         FROM (SELECT title, assignee_id, key, status = 'done' AS done, t.deleted_at IS NOT NULL AS deleted,
                                      '{}'::uuid AS me FROM tasks t JOIN projects p ON p.id = t.project_id) t
                         WHERE title LIKE '%{word}%' AND {condition} AND {sees}",
                        caller.id
                    ))
                    .await;
                let mut met = app.walk(caller, &format!("/v1/tasks?q={word}&{filter}"), 7, "title").await;
                met.sort();
                assert_eq!(met, expected, "{word} {filter} for {}", caller.email);
            }
        }
    }
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn a_search_follows_changes_and_hides_invisible_tasks(db: PgPool) {
    let app = App::new(&db);
    let (mia, ann) = (app.manager("mia").await, app.user("ann").await);
    let web = app.project(&mia, "WEB", &[]).await;
    let task = app.task(&mia, json!({ "title": "apple", "project_id": id(&web) })).await;
    let at = format!("/v1/tasks/{}", id(&task));
    assert_eq!(found(&app, &ann, "q=apple").await, [""; 0]);
    app.as_user(&mia).patch(&at, json!({ "title": "pear" })).await.ok(200);
    assert_eq!((found(&app, &mia, "q=apple").await, found(&app, &mia, "q=pear").await), (vec![], vec!["pear".into()]));
    app.as_user(&mia).delete(&at).await.ok(204);
    assert_eq!(found(&app, &mia, "q=pear").await, [""; 0]);
    assert_eq!(found(&app, &mia, "q=pear&deleted=true").await, ["pear"]);
}

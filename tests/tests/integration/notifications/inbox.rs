//! `GET /v1/notifications` and `POST /v1/notifications/read`.

use serde_json::{Value, json};
use shared::db::PgPool;
use uuid::Uuid;

use crate::support::{App, Person, Reply, each, id, text};

const LIST: &str = "/v1/notifications";

/// Returns a user with a number of notifications, and the manager who assigned the tasks.
async fn told(app: &App, times: usize) -> (Person, Person) {
    let (ann, mia) = (app.user("Ann").await, app.manager("Mia").await);
    let project = app.project(&mia, "WEB", &[&ann]).await;
    app.tell_everyone().await;
    give(app, &mia, &ann, &project, times - 1).await;
    (ann, mia)
}

async fn give(app: &App, mia: &Person, ann: &Person, project: &Value, times: usize) {
    for _ in 0..times {
        app.task(mia, json!({ "title": "x", "project_id": id(project), "assignee_id": ann.id })).await;
    }
    app.tell_everyone().await;
}

async fn read(app: &App, person: &Person, what: Value) -> Reply {
    app.as_user(person).post("/v1/notifications/read", what).await
}

/// Returns the `seq`s of a list, and the number of all unread notifications.
async fn list(app: &App, person: &Person, query: &str) -> (Vec<i64>, Value) {
    let page = app.as_user(person).get(&format!("{LIST}?{query}")).await.ok(200);
    assert!(page["next_cursor"].is_null(), "{page}");
    (each(&page, "seq").into_iter().map(|seq| seq.as_i64().unwrap()).collect(), page["unread_count"].clone())
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn an_inbox_is_newest_first_and_oldest_first_with_since(db: PgPool) {
    let app = App::new(&db);
    let (ann, mia) = told(&app, 6).await;
    read(&app, &ann, json!({ "seq": 2 })).await.ok(200);
    for (query, seqs) in [
        ("", vec![6, 5, 4, 3, 2, 1]),
        ("unread=false", vec![6, 5, 4, 3, 2, 1]),
        ("unread=true", vec![6, 5, 4, 3]),
        ("since=0", vec![1, 2, 3, 4, 5, 6]),
        ("since=4", vec![5, 6]),
        ("since=6", vec![]),
        ("since=9007199254740991", vec![]),
        ("since=0&unread=true", vec![3, 4, 5, 6]),
        ("since=4&unread=true", vec![5, 6]),
    ] {
        assert_eq!(list(&app, &ann, query).await, (seqs, json!(4)), "{query}");
    }
    assert_eq!(list(&app, &mia, "").await, (vec![], json!(0)), "everyone has their own");
    for query in
        ["since=-1", "since=x", "since=9007199254740992", "unread=1", "limit=0", "limit=201", "cursor=x", "seq=1"]
    {
        app.as_user(&ann).get(&format!("{LIST}?{query}")).await.ok(400);
    }
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn inbox_pages_are_stable_while_notifications_arrive(db: PgPool) {
    let app = App::new(&db);
    let (ann, mia) = told(&app, 7).await;
    read(&app, &ann, json!({ "seq": 1 })).await.ok(200);
    let project: Uuid = app.one("SELECT id FROM projects WHERE key = 'WEB'").await;
    for (query, expected) in [
        ("unread=false", vec![7, 6, 5, 4, 3, 2, 1]),
        ("unread=true", vec![7, 6, 5, 4, 3, 2]),
        ("since=2", vec![3, 4, 5, 6, 7]),
    ] {
        for limit in [1, 3, 7] {
            let (mut met, mut cursor) = (Vec::new(), String::new());
            loop {
                let page = app.as_user(&ann).get(&format!("{LIST}?{query}&limit={limit}{cursor}")).await.ok(200);
                assert_eq!(page["unread_count"], 6, "of all, not of the page");
                met.extend(each(&page, "seq").into_iter().map(|seq| seq.as_i64().unwrap()));
                let Some(next) = page["next_cursor"].as_str() else { break };
                cursor = format!("&cursor={next}");
            }
            assert_eq!(met, expected, "{query} by {limit}");
        }
    }

    let newest = app.as_user(&ann).get(&format!("{LIST}?limit=2")).await.ok(200);
    let since = app.as_user(&ann).get(&format!("{LIST}?since=4&limit=2")).await.ok(200);
    give(&app, &mia, &ann, &json!({ "id": project }), 1).await;
    let next = |page: &Value, query: &str| format!("{query}limit=2&cursor={}", text(&page["next_cursor"]));
    let page = app.as_user(&ann).get(&format!("{LIST}?{}", next(&newest, ""))).await.ok(200);
    assert_eq!(each(&page, "seq"), [5, 4], "what is new is before the first page");
    assert_eq!(list(&app, &ann, &next(&since, "since=4&")).await.0, [7, 8], "what is new comes in the end");
    // A cursor is valid only for the order that returned it.
    app.as_user(&ann).get(&format!("{LIST}?{}", next(&newest, "since=4&"))).await.ok(400);
    app.as_user(&ann).get(&format!("{LIST}?{}", next(&since, ""))).await.ok(400);
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn notifications_are_marked_read_by_seq_by_ids_or_both(db: PgPool) {
    let app = App::new(&db);
    let (ann, _) = told(&app, 9).await;
    let (bob, eve) = (app.user("Bob").await, app.user("Eve").await);
    let inbox = app.inbox(&ann, 0).await;
    let ids = |seqs: &[usize]| seqs.iter().map(|seq| inbox[seq - 1]["id"].clone()).collect::<Vec<_>>();
    let unread = async || list(&app, &ann, "since=0&unread=true").await;
    for (what, left) in [
        (json!({ "seq": 0 }), vec![1, 2, 3, 4, 5, 6, 7, 8, 9]),
        (json!({ "ids": [] }), vec![1, 2, 3, 4, 5, 6, 7, 8, 9]),
        (json!({ "seq": 2 }), vec![3, 4, 5, 6, 7, 8, 9]),
        (json!({ "seq": 2, "ids": null }), vec![3, 4, 5, 6, 7, 8, 9]),
        (json!({ "ids": ids(&[5]) }), vec![3, 4, 6, 7, 8, 9]),
        (json!({ "ids": ids(&[5, 5, 1, 6, 6]) }), vec![3, 4, 7, 8, 9]),
        (json!({ "seq": 3, "ids": ids(&[2, 3, 8]) }), vec![4, 7, 9]),
        (json!({ "ids": [Uuid::nil(), Uuid::now_v7()] }), vec![4, 7, 9]),
        (json!({ "seq": 9_007_199_254_740_991_i64 }), vec![]),
        (json!({ "seq": 9 }), vec![]),
    ] {
        let reply = read(&app, &ann, what.clone()).await.ok(200);
        assert_eq!(reply, json!({ "unread_count": left.len() }), "{what}");
        assert_eq!(unread().await, (left.clone(), json!(left.len())), "{what}");
        // Marking again changes nothing.
        let before = app.fingerprint().await;
        assert_eq!(read(&app, &ann, what.clone()).await.ok(200), json!({ "unread_count": left.len() }), "{what}");
        assert_eq!(app.fingerprint().await, before, "{what}");
    }
    assert_eq!(
        read(&app, &eve, json!({ "seq": 1 })).await.ok(200),
        json!({ "unread_count": 0 }),
        "an inbox of nothing"
    );

    app.sql("UPDATE notifications SET read_at = NULL; UPDATE inboxes SET unread_count = last_seq").await;
    let all = json!({ "seq": 9, "ids": ids(&[1, 2, 3]) });
    assert_eq!(read(&app, &bob, all).await.ok(200), json!({ "unread_count": 0 }));
    assert_eq!(unread().await.1, 9, "nobody reads what others were told");
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn an_invalid_read_request_is_refused(db: PgPool) {
    let app = App::new(&db);
    let (ann, _) = told(&app, 1).await;
    let before = app.fingerprint().await;
    let many = vec![Uuid::nil(); 201];
    for (what, pointers) in [
        (json!({}), &[""][..]),
        (json!({ "seq": null, "ids": null }), &[""]),
        (json!({ "seq": -1 }), &["/seq"]),
        (json!({ "seq": "1" }), &["/seq"]),
        (json!({ "seq": 1.5, "ids": ["x"] }), &["/ids/0", "/seq"]),
        (json!({ "seq": 9_223_372_036_854_775_808_u64 }), &["/seq"]),
        (json!({ "seq": 1e300 }), &["/seq"]),
        (json!({ "ids": many }), &["/ids"]),
        (json!({ "seq": 1, "all": true }), &["/all"]),
    ] {
        read(&app, &ann, what).await.wrong(pointers);
    }
    assert_eq!(app.fingerprint().await, before);
    read(&app, &ann, json!({ "ids": many[..200] })).await.ok(200);
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn the_unread_count_is_right_under_concurrent_reads(db: PgPool) {
    let app = App::new(&db);
    let (ann, mia) = told(&app, 12).await;
    let project: Uuid = app.one("SELECT id FROM projects WHERE key = 'WEB'").await;
    let ids: Vec<Value> = app.inbox(&ann, 0).await.into_iter().map(|one| one["id"].clone()).collect();
    let some = |ids: &[Value]| read(&app, &ann, json!({ "ids": ids }));
    let project = json!({ "id": project });
    let told = give(&app, &mia, &ann, &project, 5);
    let upto = |seq| read(&app, &ann, json!({ "seq": seq }));
    let (a, b, c, d, e, ()) = tokio::join!(some(&ids[..8]), some(&ids[4..]), upto(6), upto(6), some(&ids[2..9]), told);
    for reply in [a, b, c, d, e] {
        reply.ok(200);
    }
    assert_eq!(app.one::<i32>(&format!("SELECT unread_count FROM inboxes WHERE user_id = '{}'", ann.id)).await, 5);
    assert_eq!(list(&app, &ann, "since=0&unread=true").await, ((13..=17).collect(), json!(5)));
}

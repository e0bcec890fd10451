//! Notifications of a person are numbered without gaps, and become visible in that order under concurrency.

use std::{
    collections::{BTreeMap, VecDeque},
    time::Duration,
};

use futures_util::future::join_all;
use serde_json::json;
use shared::db::PgPool;
use uuid::Uuid;

use crate::support::{App, Person, each, id, notify, own_pool, waiting};

const CHANGES: usize = 50;

/// Returns six people, and tasks that all of them watch.
async fn everyone_watches(app: &App) -> (Vec<Person>, Vec<String>) {
    let mut people = vec![app.manager("Mia").await];
    for name in ["Max", "Moe", "Meg", "Mo", "May"] {
        people.push(app.manager(name).await);
    }
    let project = app.project(&people[0], "WEB", &people[1..].iter().collect::<Vec<_>>()).await;
    let mut tasks = Vec::new();
    for _ in 0..4 {
        let task = app.task(&people[0], json!({ "title": "x", "project_id": id(&project) })).await;
        let at = format!("/v1/tasks/{}", id(&task));
        for person in &people {
            app.as_user(person).put(&format!("{at}/watchers/me"), None).await.ok(204);
        }
        tasks.push(at);
    }
    app.tell_everyone().await;
    app.sql("TRUNCATE notifications, inboxes").await;
    (people, tasks)
}

/// Polls for new notifications until there are `count`, and checks that their numbers have no gaps.
async fn follow(app: &App, person: &Person, count: i64) {
    let client = app.as_user(person);
    let mut seen = 0;
    while seen < count {
        let page = client.get(&format!("/v1/notifications?since={seen}&limit=200")).await.ok(200);
        for seq in each(&page, "seq") {
            seen += 1;
            assert_eq!(*seq, seen, "{} saw one before the one before", person.email);
        }
    }
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn concurrent_consumers_number_notifications_without_gaps(db: PgPool) {
    let app = App::new(&db);
    let (people, tasks) = everyone_watches(&app).await;
    let change = async |number: usize| {
        let (person, at) = (&people[number % people.len()], &tasks[number % tasks.len()]);
        app.as_user(person).patch(at, json!({ "title": format!("change {number}") })).await.ok(200);
    };
    join_all((0..CHANGES).map(change)).await;
    let ids = app.unhandled().await;
    assert_eq!(ids.len(), CHANGES);
    let mut made = BTreeMap::<Uuid, i64>::new();
    for number in 0..CHANGES {
        *made.entry(people[number % people.len()].id).or_default() += 1;
    }
    let expected: Vec<i64> = people.iter().map(|person| i64::try_from(CHANGES).unwrap() - made[&person.id]).collect();

    // Six functions, each with its own connection. Two of them get each message, at about the same time.
    let functions: Vec<_> = (0..6).map(|_| notify(&own_pool(&db))).collect();
    let consume = async |number: usize| {
        let mine = ids.iter().enumerate().filter(|(at, _)| at % 6 == number || (at + 1) % 6 == number);
        let mut messages: VecDeque<_> = mine.map(|(_, id)| *id).collect();
        while let Some(id) = messages.pop_front() {
            if let Err(error) = functions[number].consume(id).await {
                // The message is delivered again. On a slow machine a function may get its connection too late.
                let error = format!("{error:#}");
                let expected = [
                    "the same message is being handled elsewhere",
                    "pool timed out while waiting for an open connection",
                ];
                assert!(expected.iter().any(|expected| error.contains(expected)), "{error}");
                messages.push_back(id);
            }
        }
    };
    let consumed = join_all((0..6).map(consume));
    let followed = join_all(people.iter().zip(&expected).map(|(person, count)| follow(&app, person, *count)));
    let both = async { tokio::join!(consumed, followed) };
    tokio::time::timeout(Duration::from_mins(10), both).await.expect("everyone is told");

    for (person, count) in people.iter().zip(expected) {
        let all: Vec<i64> = app.inbox(person, 0).await.iter().map(|one| one["seq"].as_i64().unwrap()).collect();
        assert_eq!(all, (1..=count).collect::<Vec<_>>());
        let page = app.as_user(person).get("/v1/notifications?limit=1").await.ok(200);
        assert_eq!((&page["unread_count"], &page["items"][0]["seq"]), (&json!(count), &json!(count)));
    }
    assert_eq!(app.unhandled().await.len(), 0);
    let twice = "(SELECT FROM notifications GROUP BY event_id, user_id HAVING count(*) > 1) twice";
    assert_eq!(app.count(twice).await, 0);
    assert_eq!(app.count("notifications").await, i64::try_from(CHANGES * 5).unwrap());
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn a_seq_becomes_visible_only_after_all_before_it(db: PgPool) {
    let app = App::new(&db);
    let (people, tasks) = everyone_watches(&app).await;
    for title in ["one", "two"] {
        app.as_user(&people[0]).patch(&tasks[0], json!({ "title": title })).await.ok(200);
    }
    let ids = app.unhandled().await;
    let (one, two) = (notify(&own_pool(&db)), notify(&own_pool(&db)));
    // The first is stopped after it took its numbers, before its commit.
    let mut stop = db.begin().await.unwrap();
    sqlx::query("LOCK TABLE notifications IN SHARE MODE").execute(&mut *stop).await.unwrap();
    let overtake = async {
        waiting(&db, 1).await;
        let (consumed, ()) = tokio::join!(two.consume(ids[1]), async {
            waiting(&db, 2).await;
            assert_eq!(app.inbox(&people[1], 0).await.len(), 0);
            stop.rollback().await.unwrap();
        });
        consumed.unwrap();
    };
    let (first, ()) = tokio::join!(one.consume(ids[0]), overtake);
    first.unwrap();
    let events: Vec<Uuid> = app
        .inbox(&people[1], 0)
        .await
        .iter()
        .map(|n| n["data"]["activity_id"].as_str().unwrap().parse().unwrap())
        .collect();
    assert_eq!(events, ids, "the second waited for the first");
}

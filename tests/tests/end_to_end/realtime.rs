//! Notifications of changes through the deployed system: inbox, WebSockets and e-mail.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    socket::Socket,
    support::{Api, Member, mails_saying, mails_to, project},
};

/// Returns the notifications of a person, oldest first, as soon as there are `count` of them.
pub(crate) async fn inbox(person: &Api, count: usize) -> Vec<Value> {
    let deadline = std::time::Instant::now() + std::time::Duration::from_mins(2);
    loop {
        let page = person.get("/v1/notifications?since=0&limit=200").await.expect(200);
        let items = page["items"].as_array().unwrap();
        if items.len() >= count {
            return items.clone();
        }
        assert!(std::time::Instant::now() < deadline, "{} of {count} notifications: {items:?}", items.len());
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
}

fn subject(mail: &Value) -> &str {
    mail["subject"].as_str().unwrap()
}

#[tokio::test]
async fn an_assignee_is_notified_on_all_connections_and_gets_one_email_about_the_task() {
    let (boss, bob) = (Member::boss().await, Member::verified("Bob").await);
    let (mut laptop, mut phone) = (Socket::open(&bob.api).await, Socket::open(&bob.api).await);
    let project = project(&boss, &[&bob]).await;
    let new = json!({ "title": "Größe: 山田 🎉", "project_id": project });
    let task = boss.api.post("/v1/tasks", &new).await.expect(201);
    let path = |part: &str| format!("/v1/tasks/{}{part}", task["id"].as_str().unwrap());
    boss.api.request(Method::PUT, &path("/assignee"), Some(&json!({ "assignee_id": bob.id }))).await.expect(200);
    let comment = json!({ "body": format!("@[Bob](user:{}), please", bob.id) });
    boss.api.post(&path("/comments"), &comment).await.expect(201);

    // Events are handled concurrently, so the `seq` need not be in the order of the changes.
    let items = inbox(&bob.api, 3).await;
    let of_kind = |kind: &str| items.iter().find(|item| item["kind"] == kind).unwrap();
    let seqs: Vec<_> = items.iter().map(|item| item["seq"].as_i64().unwrap()).collect();
    assert_eq!(seqs, [1, 2, 3]);
    let [_, assignment, mention] = ["added_to_project", "task_assigned", "mentioned"].map(of_kind);
    for socket in [&mut laptop, &mut phone] {
        let mut frames = Vec::new();
        for _ in 0..3 {
            frames.push(socket.next_of("notification").await);
        }
        frames.sort_by_key(|frame| frame["seq"].as_i64());
        for (frame, item) in frames.iter().zip(&items) {
            assert_eq!((&frame["seq"], &frame["notification"]), (&item["seq"], item));
        }
        assert!(socket.so_far().await.is_empty());
    }

    // There is one e-mail about the task, with everything that happened within the gathering time, which is four
    // seconds here. If the machine took longer between the two changes, there may be two e-mails.
    let assigned = assignment["title"].as_str().unwrap();
    let mails = mails_saying(&bob.address, &[assigned, "@Bob, please"]).await;
    let about: Vec<_> = mails.iter().filter(|mail| subject(mail).contains("Größe: 山田 🎉")).collect();
    let [first, second] =
        [assignment, mention].map(|item| item["created_at"].as_str().unwrap().parse::<DateTime<Utc>>());
    assert!(about.len() == 1 || (second.unwrap() - first.unwrap()).abs() > TimeDelta::seconds(3), "{about:?}");
    let mail = *about.last().unwrap();
    let text = mail["text"].as_str().unwrap();
    assert_eq!(about.iter().map(|mail| mail["text"].as_str().unwrap().matches(assigned).count()).sum::<usize>(), 1);
    assert!(text.contains("@Bob, please"), "{text}");
    let thread = format!("<task.{}@example.com>", task["id"].as_str().unwrap());
    assert_eq!((&mail["headers"]["references"], &mail["headers"]["in-reply-to"]), (&json!(thread), &json!(thread)));

    // One click unsubscribes from such e-mails, and only from these.
    let page = text.lines().last().unwrap();
    let link = page.replace("/unsubscribe?", "/v1/unsubscribe?");
    let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let opened = http.get(&link).send().await.unwrap();
    assert_eq!((opened.status().as_u16(), opened.headers()["location"].to_str().unwrap()), (303, page));
    let click = http.post(&link).header("content-type", "application/x-www-form-urlencoded");
    let clicked = click.body("List-Unsubscribe=One-Click").send().await.unwrap();
    assert_eq!(clicked.status(), 200);
    let done: Value = clicked.json().await.unwrap();
    assert!(done["kinds"].as_array().unwrap().contains(&json!("mentioned")) && done["summary"] == false, "{done}");
    let preferences = bob.api.get("/v1/notification-preferences").await.expect(200);
    assert_eq!(preferences["kinds"]["mentioned"], json!({ "push": true, "email": "off" }));
    assert_eq!(preferences["kinds"]["task_commented"], json!({ "push": true, "email": "immediate" }));
}

#[tokio::test]
async fn resuming_sends_exactly_the_missed_notifications_in_order() {
    let (boss, bob) = (Member::boss().await, Member::register("Bob").await);
    let project = project(&boss, &[&bob]).await;
    for number in 1..=205 {
        let new = json!({ "title": format!("Task {number}"), "project_id": project, "assignee_id": bob.id });
        boss.api.post("/v1/tasks", &new).await.expect(201);
    }
    bob.wait_for_seq(206).await;

    let mut socket = Socket::open(&bob.api).await;
    socket.so_far().await; // the last notifications may still be pushed
    let mut seen = 3;
    for (last, more) in [(203, json!(true)), (206, Value::Null)] {
        socket.send(json!({ "action": "resume", "since": seen, "ref": "r" })).await;
        loop {
            let message = socket.next().await;
            if message["type"] == "resumed" {
                assert_eq!((&message["last_seq"], &message["more"]), (&json!(last), &more));
                assert_eq!((&message["unread_count"], &message["ref"]), (&json!(206), &json!("r")));
                break;
            }
            seen += 1;
            assert_eq!((&message["type"], &message["seq"]), (&json!("notification"), &json!(seen)));
            assert_eq!(message["notification"]["seq"], seen);
        }
        assert_eq!(seen, last);
    }

    // Notifications that are marked as read on one connection are read on the other.
    let mut other = Socket::open(&bob.api).await;
    let read = json!({ "type": "read", "seq": 200, "unread_count": 6 });
    let mut answer = socket.ask(json!({ "action": "read", "seq": 200 })).await;
    answer.as_object_mut().unwrap().remove("ref");
    assert_eq!(answer, read);
    // Another connection also gets the change of the inbox, which comes by a queue, before or after.
    let mut frames = [other.next().await, other.next().await];
    frames.sort_by_key(|frame| frame["type"].to_string());
    let [inbox, same] = frames;
    assert_eq!((&inbox["type"], &inbox["unread_count"]), (&json!("inbox"), &json!(6)));
    assert_eq!(inbox["ids"].as_array().unwrap().len(), 200);
    assert_eq!(same, read);
    assert_eq!(bob.api.get("/v1/notifications?limit=1").await.expect(200)["unread_count"], 6);
}

/// The deployed job runs on its schedule.
#[tokio::test]
async fn a_reminder_of_a_near_deadline_comes_within_two_minutes() {
    let bob = Member::register("Bob").await;
    let due = chrono::Utc::now() + chrono::TimeDelta::minutes(30);
    bob.api.post("/v1/tasks", &json!({ "title": "Hurry", "due_at": due })).await.expect(201);
    let items = inbox(&bob.api, 1).await;
    let [reminder] = &items[..] else { panic!("{items:?}") };
    assert_eq!((&reminder["seq"], &reminder["kind"], body(reminder)), (&json!(1), &json!("task_due_soon"), "Hurry"));
}

#[tokio::test]
async fn an_unconfirmed_address_gets_only_the_email_that_confirms_it() {
    let (boss, bob, eve) = (Member::boss().await, Member::verified("Bob").await, Member::register("Eve").await);
    let project = project(&boss, &[&bob, &eve]).await;
    for person in [&eve, &bob] {
        let new = json!({ "title": "Write", "project_id": project, "assignee_id": person.id });
        boss.api.post("/v1/tasks", &new).await.expect(201);
    }
    inbox(&eve.api, 2).await;
    // Bob's e-mails were enqueued later. When they have arrived, Eve's would have arrived, too.
    mails_to(&bob.address, 3).await;
    assert_eq!(mails_to(&eve.address, 1).await.len(), 1);
}

#[tokio::test]
async fn each_of_fifty_concurrent_changes_reaches_each_person_once() {
    let boss = Member::boss().await;
    let (ann, bob) = (Member::verified("Ann").await, Member::verified("Bob").await);
    let project = project(&boss, &[&ann, &bob]).await;
    let mut socket = Socket::open(&bob.api).await;
    let mut paths = Vec::new();
    for _ in 0..5 {
        let new = json!({ "title": "Many hands", "project_id": project, "assignee_id": bob.id });
        let task = ann.api.post("/v1/tasks", &new).await.expect(201);
        paths.push(format!("/v1/tasks/{}/comments", task["id"].as_str().unwrap()));
    }
    let comments = (0..50).map(|number| {
        let (api, path) = (&boss.api, &paths[number % 5]);
        async move { api.create(path, &json!({ "body": format!("<{number}>") })).await }
    });
    futures_util::future::join_all(comments).await;

    // Ann is notified that she was added, and of the comments on her tasks. Bob is notified that he was added, of five
    // assignments, and of the comments.
    for (person, others) in [(&ann, 1), (&bob, 6)] {
        let items = inbox(&person.api, 50 + others).await;
        let seqs: Vec<i64> = items.iter().map(|item| item["seq"].as_i64().unwrap()).collect();
        assert_eq!(seqs, (1..=50 + i64::try_from(others).unwrap()).collect::<Vec<_>>());
        let mut bodies: Vec<&str> = items.iter().filter(|item| item["kind"] == "task_commented").map(body).collect();
        bodies.sort_unstable();
        let mut expected: Vec<String> = (0..50).map(|number| format!("<{number}>")).collect();
        expected.sort();
        assert_eq!(bodies, expected, "each once");

        // Every comment is in exactly one e-mail.
        let count = |mails: &[Value], number: usize| -> usize {
            let body = format!("  <{number}>\n");
            mails.iter().map(|mail| mail["text"].as_str().unwrap().matches(&body).count()).sum()
        };
        let mut mails = mails_to(&person.address, 7).await;
        while (0..50).any(|number| count(&mails, number) == 0) {
            mails = mails_to(&person.address, mails.len() + 1).await;
        }
        assert!((0..50).all(|number| count(&mails, number) == 1));
        assert!(mails.len() <= 2 + 5 * 3, "{} mails", mails.len());
    }
    // A push is repeated if the gateway has not responded in two seconds, and the first may have arrived by then. Both
    // are the same notification, and clients recognize it by its `seq`.
    let items = inbox(&bob.api, 56).await;
    let told = |frame: &Value| (frame["notification"]["id"].clone(), frame["seq"].clone());
    let is_one = |frame: &Value| items.iter().any(|item| (item["id"].clone(), item["seq"].clone()) == told(frame));
    // The first notification may have arrived before the socket was open.
    let mut pushed = BTreeSet::from([1]);
    while pushed.len() < 56 {
        let frame = socket.next_of("notification").await;
        assert!(is_one(&frame), "{frame}");
        pushed.insert(frame["seq"].as_i64().unwrap());
    }
    assert!(socket.so_far().await.iter().all(is_one));
}

fn body(item: &Value) -> &str {
    item["body"].as_str().unwrap()
}

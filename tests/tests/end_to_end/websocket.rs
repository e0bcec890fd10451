//! The WebSocket API: tickets, and what each message does.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::{
    socket::Socket,
    support::{Api, Member, project, variable},
};

#[tokio::test]
async fn a_ticket_opens_one_connection() {
    let (dan, _) = Api::register("Dan").await;
    let ticket = dan.post("/v1/realtime/tickets", &json!({})).await.expect(201);
    assert_eq!(ticket["expires_in"], 30);
    let url = ticket["url"].as_str().unwrap();
    let mut socket = Socket::connect(url).await.unwrap_or_else(|status| panic!("{status}"));
    socket.send(json!({ "action": "ping", "ref": 7 })).await;
    assert_eq!(socket.next().await, json!({ "type": "pong", "ref": 7 }));
    // AWS sends the 401 of $connect to the client. The emulator turns it into a 403.
    let again = Socket::connect(url).await.err();
    assert!(matches!(again, Some(401 | 403)), "a ticket is good once: {again:?}");
}

#[tokio::test]
async fn a_connection_without_a_valid_ticket_is_refused() {
    let url = variable("TASKBELL_WS");
    for url in [url.clone(), format!("{url}?ticket=forged")] {
        assert!(matches!(Socket::connect(&url).await.err(), Some(401 | 403)));
    }
}

#[tokio::test]
async fn an_invalid_message_gets_an_error_that_explains_it() {
    let (dan, _) = Api::register("Dan").await;
    let mut socket = Socket::open(&dan).await;
    for nonsense in ["hello", r#"{"action": "dance"}"#, "[]", "null"] {
        socket.send(nonsense).await;
        let answer = socket.next().await;
        assert_eq!((&answer["type"], &answer["status"]), (&json!("error"), &json!(400)), "{nonsense}: {answer}");
        assert!(answer["detail"].as_str().unwrap().contains("resume"), "{answer}");
    }
    let wrong = [
        (json!({ "action": "resume" }), 400, "since"),
        (json!({ "action": "resume", "since": -1 }), 400, "-1"),
        (json!({ "action": "resume", "since": 0, "sinse": 0 }), 400, "sinse"),
        (json!({ "action": "read", "seq": "1" }), 400, "string"),
        (json!({ "action": "open", "project_id": "WEB" }), 400, "UUID"),
        (json!({ "action": "open", "project_id": uuid::Uuid::now_v7() }), 404, "do not have access"),
        (json!({ "action": "send", "task_id": "NONE-1", "body": "hi" }), 404, "do not have access"),
        (json!({ "action": "send", "task_id": "NONE-1", "body": "" }), 422, "not valid"),
        (json!({ "action": "send", "task_id": "NONE-1", "body": "a\0" }), 422, "not valid"),
    ];
    for (message, status, detail) in wrong {
        let answer = socket.ask(message.clone()).await;
        assert_eq!((&answer["type"], &answer["status"]), (&json!("error"), &json!(status)), "{message}: {answer}");
        assert!(answer["detail"].as_str().unwrap().contains(detail), "{message}: {answer}");
    }
    // Text of the client that would not fit into one frame is not sent back.
    socket.send(json!({ "action": "ping", "ref": "x".repeat(31_000) })).await;
    assert_eq!(socket.next().await, json!({ "type": "pong" }));
    let long = socket.ask(json!({ "action": "resume", "since": 0, "x".repeat(31_000): 0 })).await;
    assert!(long["status"] == 400 && long["detail"].as_str().unwrap().len() < 400, "{long}");
    // A client cannot pretend to be the gateway.
    for action in ["$disconnect", "$connect"] {
        socket.send(json!({ "action": action })).await;
    }
    assert_eq!(socket.ask(json!({ "action": "resume", "since": 0 })).await["type"], "resumed");
}

#[tokio::test]
async fn changes_reach_the_connections_that_have_the_project_open_and_no_others() {
    let (boss, ann, bob) = (Member::boss().await, Member::register("Ann").await, Member::register("Bob").await);
    let stranger = Member::register("Sid").await;
    let project = project(&boss, &[&ann, &bob]).await;
    let task = boss.api.post("/v1/tasks", &json!({ "title": "Talk", "project_id": project })).await.expect(201);

    let (mut of_ann, mut of_bob, mut of_sid) =
        (Socket::open(&ann.api).await, Socket::open(&bob.api).await, Socket::open(&stranger.api).await);
    let open = json!({ "action": "open", "project_id": project });
    // The members and the task are the project's first changes.
    let opened = json!({ "type": "opened", "project_id": project, "last": 3, "ref": "asked" });
    assert_eq!(of_bob.ask(open.clone()).await, opened);
    assert_eq!(of_ann.ask(open.clone()).await["type"], "opened");
    assert_eq!(of_sid.ask(open).await["status"], 404);

    let said = of_ann.ask(json!({ "action": "send", "task_id": task["key"], "body": "Hello 山田" })).await;
    assert_eq!((&said["type"], &said["comment"]["body"]), (&json!("comment"), &json!("Hello 山田")));
    let heard = of_bob.next_of("comment").await;
    assert_eq!((&heard["event"], &heard["comment"]), (&json!("commented"), &said["comment"]));

    let path = format!("/v1/tasks/{}", task["id"].as_str().unwrap());
    boss.api.request(reqwest::Method::PATCH, &path, Some(&json!({ "title": "Talk more" }))).await.expect(200);
    // Events are handled concurrently, so the frame of the creation may come at any time.
    let seen = of_bob.next_that(|frame| frame["event"] == "updated").await;
    assert_eq!((&seen["type"], &seen["task"]["title"]), (&json!("task"), &json!("Talk more")));

    // A connection that closes the project gets no more messages about it, and neither does a user who is removed from
    // it.
    assert_eq!(of_bob.ask(json!({ "action": "close", "project_id": project })).await["type"], "closed");
    let members = format!("/v1/projects/{}/members/{}", project.as_str().unwrap(), ann.id);
    boss.api.request(reqwest::Method::DELETE, &members, None).await.expect(204);
    let mut of_boss = Socket::open(&boss.api).await;
    of_boss.ask(json!({ "action": "open", "project_id": project })).await;
    of_ann.so_far().await;
    boss.api.request(reqwest::Method::PATCH, &path, Some(&json!({ "title": "Hush" }))).await.expect(200);
    of_boss.next_that(|frame| frame["task"]["title"] == "Hush").await;
    for socket in [&mut of_ann, &mut of_bob, &mut of_sid] {
        assert_eq!(socket.so_far().await, Vec::<Value>::new());
    }
}

/// A connection is cut while the project changes fifty times. The next one gets exactly what is missing.
#[tokio::test]
async fn a_socket_that_is_cut_in_the_middle_of_fifty_changes_catches_up() {
    let (boss, bob) = (Member::boss().await, Member::register("Bob").await);
    let project = project(&boss, &[&bob]).await;
    let mut socket = Socket::open(&bob.api).await;
    let open = json!({ "action": "open", "project_id": project });
    let first = socket.ask(open.clone()).await["last"].as_i64().unwrap();
    let changes = (0..25).map(async |number| {
        let new = json!({ "title": format!("Task {number}"), "project_id": project });
        let task = boss.api.post("/v1/tasks", &new).await.expect(201);
        let comments = format!("/v1/tasks/{}/comments", task["id"].as_str().unwrap());
        boss.api.post(&comments, &json!({ "body": "hi" })).await.expect(201);
    });
    let mut frames: BTreeMap<i64, Value> = BTreeMap::new();
    let cut = async {
        for _ in 0..20 {
            let frame = socket.next_that(|frame| frame.get("n").is_some()).await;
            frames.insert(frame["n"].as_i64().unwrap(), frame);
        }
        drop(socket);
        // The last change up to which nothing is missing.
        let known = frames.keys().zip(first + 1..).take_while(|(n, expected)| *n == expected);
        let since = known.last().map_or(first, |(n, _)| *n);
        let mut socket = Socket::open(&bob.api).await;
        let mut open = open.clone();
        (open["since"], open["ref"]) = (json!(since), json!("open"));
        socket.send(open).await;
        while (first + 1..=first + 50).any(|n| !frames.contains_key(&n)) {
            let frame = socket.next_that(|frame| frame.get("n").is_some()).await;
            let n = frame["n"].as_i64().unwrap();
            // What is sent again is the same change.
            let before = frames.insert(n, frame.clone());
            assert!(before.is_none_or(|before| before["at"] == frame["at"]), "{frame}");
        }
    };
    tokio::join!(cut, futures_util::future::join_all(changes));

    let feed =
        bob.api.get(&format!("/v1/projects/{}/changes?since={first}", project.as_str().unwrap())).await.expect(200);
    let items = feed["items"].as_array().unwrap();
    assert_eq!((items.len(), feed["last"].as_i64()), (50, Some(first + 50)));
    for (item, frame) in items.iter().zip(frames.values()) {
        let change = |value: &Value| [&value["n"], &value["event"], &value["at"], &value["actor_id"]].map(Clone::clone);
        assert_eq!(change(item), change(frame));
    }
}

#[tokio::test]
async fn ending_a_session_or_deactivating_a_user_closes_their_connections() {
    let (admin, ann) = (Api::admin().await, Member::register("Ann").await);
    let other = Api::login(&ann.address, "correct horse").await;
    let (mut first, mut second) = (Socket::open(&ann.api).await, Socket::open(&other).await);

    let sessions = ann.api.get("/v1/users/me/sessions").await.expect(200);
    let others = sessions["items"].as_array().unwrap().iter().find(|session| session["current"] == false).unwrap();
    let path = format!("/v1/users/me/sessions/{}", others["id"].as_str().unwrap());
    ann.api.request(reqwest::Method::DELETE, &path, None).await.expect(204);
    assert_eq!(second.next_or_end().await, None);
    assert_eq!(first.ask(json!({ "action": "resume", "since": 0 })).await["type"], "resumed", "the other one stays");

    let (path, inactive) = (format!("/v1/users/{}", ann.id), json!({ "active": false }));
    admin.request(reqwest::Method::PATCH, &path, Some(&inactive)).await.expect(200);
    assert_eq!(first.next_or_end().await, None);
}

//! Frames of open projects.

use std::sync::Arc;

use serde_json::{Value, json};
use shared::{
    db::PgPool,
    domain::{Caller, account::Role},
    queue::Queues,
    realtime::{self, Gateway},
};
use taskbell_queue::notify::Notify;
use taskbell_websocket::{MessageState, Sender, open};
use uuid::Uuid;

use super::changes;
use crate::{
    stub_gateway::{Call, Manner, StubGateway},
    support::{App, GATHER, Person, cache, id, text, uuid},
};

/// A gateway, the consumer of events and the route `open`, which push through it.
struct Live {
    gateway: StubGateway,
    notify: Notify,
    state: Arc<MessageState>,
}

impl Live {
    async fn new(db: &PgPool) -> Self {
        let gateway = StubGateway::start(|_, _| Manner::Fine).await;
        let pushing = || Gateway::new(gateway.url.clone());
        let notify = Notify::new(db.clone().into(), cache(), pushing(), Queues::new([]), GATHER);
        let (queues, user_per_minute) = (Queues::new([]), 0);
        let state = MessageState { db: db.clone().into(), cache: cache(), gateway: pushing(), queues, user_per_minute };
        Self { notify, state: Arc::new(state), gateway }
    }

    /// Opens a connection of a person. Returns its id.
    async fn connect(&self, person: &Person) -> String {
        let connection = Uuid::now_v7().to_string();
        let caller = Caller { id: person.id, session_id: person.session_id, role: Role::User };
        let ticket = realtime::create_ticket(&cache(), &caller).await.unwrap();
        realtime::connect(&cache(), ticket.expose(), &connection).await.unwrap().unwrap();
        connection
    }

    /// Opens a project on a connection. Returns the response, after the frames.
    async fn open(&self, person: &Person, connection: &str, message: Value) -> shared::Result<Value> {
        let caller = Caller { id: person.id, session_id: person.session_id, role: Role::User };
        let sender = Sender { caller, connection_id: connection.into() };
        open::handle(Arc::clone(&self.state), sender, serde_json::from_value(message).unwrap()).await
    }

    /// Handles all events. Returns the frames about open projects that a connection gets, in order.
    async fn frames(&self, app: &App, connection: &str) -> Vec<Value> {
        for event in app.unhandled().await {
            self.notify.consume(event).await.unwrap();
        }
        let is_live = |call: &Call| call.connection == connection && call.message.get("n").is_some();
        let mut frames: Vec<Value> =
            self.gateway.calls().into_iter().filter(is_live).map(|call| call.message).collect();
        frames.sort_by_key(|frame| frame["n"].as_i64());
        frames
    }
}

/// Returns a change as a frame has it.
fn frame(project: &Value, item: &Value) -> Value {
    let kind = ["task", "comment"].into_iter().find(|kind| item.get(*kind).is_some()).unwrap_or("project");
    let mut frame = item.clone();
    frame["type"] = json!(kind);
    frame["project_id"] = project["id"].clone();
    frame
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn each_change_of_an_open_project_comes_as_one_frame(db: PgPool) {
    let app = App::new(&db);
    let (mia, ann) = (app.manager("mia").await, app.user("ann").await);
    let (web, lab) = (app.project(&mia, "WEB", &[&ann]).await, app.project(&mia, "LAB", &[&ann]).await);
    let live = Live::new(&db).await;
    live.frames(&app, "none").await; // handles what happened before anyone listens
    let [here, there] = [live.connect(&ann).await, live.connect(&ann).await];
    for (connection, project) in [(&here, &web), (&there, &lab)] {
        let opened = live.open(&ann, connection, json!({ "project_id": id(project) })).await.unwrap();
        assert_eq!(opened, json!({ "type": "opened", "project_id": project["id"], "last": 1 }));
    }
    let as_mia = app.as_user(&mia);
    let task = app.task(&mia, json!({ "title": "Write", "project_id": id(&web) })).await;
    let path = format!("/v1/tasks/{}", id(&task));
    as_mia.post(&format!("{path}/comments"), json!({ "body": "hi" })).await.ok(201);
    app.task(&mia, json!({ "title": "Part", "project_id": id(&web), "parent_id": id(&task) })).await;
    as_mia.delete(&path).await.ok(204);
    as_mia.post(&format!("{path}/restore"), None).await.ok(200);
    as_mia.patch(&format!("/v1/projects/{}", id(&web)), json!({ "name": "Web" })).await.ok(200);
    as_mia.put(&format!("/v1/projects/{}/members/{}", id(&web), ann.id), json!({ "role": "manager" })).await.ok(204);

    // The frames of the connection are the changes of the feed, from the second on.
    let frames = live.frames(&app, &here).await;
    let items = changes(&app, &ann, &web, 1).await;
    assert_eq!(frames, items.iter().map(|item| frame(&web, item)).collect::<Vec<_>>());
    let kinds: Vec<&str> = frames.iter().map(|frame| text(&frame["type"])).collect();
    assert_eq!(kinds, ["task", "comment", "task", "project", "project", "project", "project"]);

    as_mia.patch(&path, json!({ "project_id": id(&lab) })).await.ok(200);
    let frames = live.frames(&app, &here).await;
    assert_eq!((frames.len(), &frames[7]["event"], &frames[7]["type"]), (8, &json!("moved_out"), &json!("project")));
    let frames = live.frames(&app, &there).await;
    assert_eq!((frames.len(), &frames[0]["event"], &frames[0]["n"]), (1, &json!("moved_in"), &json!(2)));
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn a_frame_shows_what_its_reader_may_see(db: PgPool) {
    let app = App::new(&db);
    let (mia, ann, bob) = (app.manager("mia").await, app.user("ann").await, app.user("bob").await);
    let web = app.project(&mia, "WEB", &[&ann, &bob]).await;
    let task = app.task(&mia, json!({ "title": "Mine" })).await;
    let path = format!("/v1/tasks/{}", id(&task));
    let comment = app.as_user(&mia).post(&format!("{path}/comments"), json!({ "body": "Secret" })).await.ok(201);
    app.as_user(&mia).patch(&path, json!({ "project_id": id(&web) })).await.ok(200);
    let live = Live::new(&db).await;
    live.frames(&app, "none").await;
    let mut connections = Vec::new();
    for person in [&mia, &ann, &bob] {
        connections.push(live.connect(person).await);
        live.open(person, connections.last().unwrap(), json!({ "project_id": id(&web) })).await.unwrap();
    }
    app.as_user(&mia).patch(&format!("/v1/comments/{}", id(&comment)), json!({ "body": "Secret too" })).await.ok(200);
    app.as_user(&mia).delete(&format!("/v1/projects/{}/members/{}", id(&web), bob.id)).await.ok(204);

    let frames = live.frames(&app, &connections[0]).await;
    assert_eq!(frames[0]["comment"]["body"], "Secret too");
    let frames = live.frames(&app, &connections[1]).await;
    assert_eq!((&frames[0]["event"], &frames[0]["task"]["id"]), (&json!("updated"), &task["id"]));
    assert!(!json!(frames).to_string().contains("Secret"));
    assert_eq!(live.frames(&app, &connections[2]).await, Vec::<Value>::new(), "a former member gets nothing");
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn opening_a_project_sends_what_was_missed(db: PgPool) {
    let app = App::new(&db);
    let (mia, ann, sid) = (app.manager("mia").await, app.user("ann").await, app.user("sid").await);
    let web = app.project(&mia, "WEB", &[&ann]).await;
    app.sql(&format!(
        "INSERT INTO project_changes (project_id, n, event, actor_id)
         SELECT '{0}', n, 'project_updated', '{1}' FROM generate_series(2, 402) n;
         UPDATE projects SET change_counter = 402 WHERE id = '{0}'",
        id(&web),
        mia.id
    ))
    .await;
    let live = Live::new(&db).await;
    let connection = live.connect(&ann).await;
    let open = |since: i64| json!({ "project_id": id(&web), "since": since });
    for (since, count, answer) in [
        (1, 200, json!({ "type": "opened", "project_id": web["id"], "last": 201, "more": true })),
        (201, 200, json!({ "type": "opened", "project_id": web["id"], "last": 401, "more": true })),
        (401, 1, json!({ "type": "opened", "project_id": web["id"], "last": 402 })),
        (402, 0, json!({ "type": "opened", "project_id": web["id"], "last": 402 })),
    ] {
        assert_eq!(live.open(&ann, &connection, open(since)).await.unwrap(), answer);
        let numbers: Vec<Value> = live.gateway.take().into_iter().map(|call| call.message["n"].clone()).collect();
        assert_eq!(numbers, (since + 1..=since + count).map(|n| json!(n)).collect::<Vec<_>>());
    }
    live.open(&sid, &live.connect(&sid).await, open(0)).await.unwrap_err();
    // A connection that asks for what is no longer kept has nothing opened.
    let other = live.connect(&ann).await;
    assert_eq!(live.open(&ann, &other, open(403)).await.unwrap_err().status(), 410);
    let viewers = realtime::viewers(&cache(), uuid(&web)).await.unwrap();
    assert_eq!(viewers.into_iter().map(|viewer| viewer.id).collect::<Vec<_>>(), [connection]);
}

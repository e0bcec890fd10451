//! Messages over a WebSocket: every message gets exactly one answer, which fits one frame.
//!
//! Near-valid input is a valid message of each kind whose fields were replaced, removed or added.

use std::sync::Arc;

use aws_lambda_events::apigw::ApiGatewayWebsocketProxyRequest;
use proptest::{collection::vec, option::of, prelude::*, sample::Index, sample::select};
use serde_json::{Value, json};
use shared::{
    db::PgPool,
    domain::{Caller, account::Role},
    queue::Queues,
    realtime::{self, Gateway},
};
use taskbell_websocket::{Event, MessageState, Reply, close, default, open, ping, read, respond, resume, send};
use uuid::Uuid;

use super::holds;
use crate::{
    stub_gateway::{Manner, StubGateway},
    support::{App, cache, id},
};

/// The size of a frame of the gateway.
const FRAME: usize = 32 * 1024;

/// A message whose projects and tasks are not yet known.
#[derive(Debug, Clone)]
enum Message {
    Raw(String),
    Near { kind: Index, edits: Vec<(Index, Edit)>, reference: Option<Value> },
}

#[derive(Debug, Clone)]
enum Edit {
    Replace(Value),
    TakeOut,
    Add(String, Value),
}

fn messages() -> impl Strategy<Value = Message> {
    let edit = prop_oneof![
        3 => any_json().prop_map(Edit::Replace),
        1 => Just(Edit::TakeOut),
        1 => ("\\PC{0,10}", any_json()).prop_map(|(name, value)| Edit::Add(name, value)),
        1 => (select(vec!["x", "é", "\\"]), 9_000..40_000_usize).prop_map(|(long, times)| Edit::Add(long.repeat(times), Value::Null)),
    ];
    prop_oneof![
        1 => "\\PC{0,60}".prop_map(Message::Raw),
        1 => any_json().prop_map(|json| Message::Raw(json.to_string())),
        8 => (any::<Index>(), vec((any::<Index>(), edit), 0..3), of(any_json()))
            .prop_map(|(kind, edits, reference)| Message::Near { kind, edits, reference }),
    ]
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        (0..100_u32).prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "\\PC{0,20}".prop_map(Value::from),
        (0..50_000_usize).prop_map(|length| "x".repeat(length).into()),
        select(vec!["a\u{0}b", "WEB-1", "web-1", "-", "resume", "$connect", "00000000-0000-0000-0000-000000000000"])
            .prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Value::from),
            vec(("\\PC{0,8}", inner), 0..4).prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

impl Message {
    fn text(self, good: &[Value]) -> String {
        let (kind, edits, reference) = match self {
            Self::Raw(text) => return text,
            Self::Near { kind, edits, reference } => (kind, edits, reference),
        };
        let mut message = good[kind.index(good.len())].as_object().unwrap().clone();
        for (at, edit) in edits {
            let name = message.keys().nth(at.index(message.len())).unwrap().clone();
            match edit {
                Edit::Replace(value) => message.insert(name, value),
                Edit::TakeOut if message.len() > 1 => message.remove(&name),
                Edit::TakeOut => None,
                Edit::Add(name, value) => message.insert(name, value),
            };
        }
        if let Some(reference) = reference {
            message.insert("ref".into(), reference);
        }
        Value::Object(message).to_string()
    }
}

/// The shared state of the routes, and a connection to them.
struct Server {
    live: Arc<MessageState>,
    /// For the routes that need only the gateway.
    gateway: Arc<Gateway>,
    connection_id: String,
}

impl Server {
    /// Passes a message to its route by the field `action`, as the gateway does.
    async fn take(&self, body: &str) -> Reply {
        let mut request = ApiGatewayWebsocketProxyRequest::default();
        request.body = Some(body.into());
        request.request_context.connection_id = Some(self.connection_id.clone());
        request.request_context.event_type = Some("MESSAGE".into());
        let event = Event::new(request);
        let live = Arc::clone(&self.live);
        let outcome = match event.message["action"].as_str() {
            Some("resume") => respond(live, event, resume::handle).await,
            Some("read") => respond(live, event, read::handle).await,
            Some("send") => respond(live, event, send::handle).await,
            Some("open") => respond(live, event, open::handle).await,
            Some("close") => respond(live, event, close::handle).await,
            Some("ping") => ping::handle(Arc::clone(&self.gateway), event).await,
            _ => default::handle(Arc::clone(&self.gateway), event).await,
        };
        outcome.unwrap()
    }
}

/// Returns the type of the answer to a valid message.
fn type_of_answer(action: &Value) -> &str {
    match action.as_str().unwrap_or_default() {
        "resume" => "resumed",
        "read" => "read",
        "send" => "comment",
        "open" => "opened",
        "close" => "closed",
        "ping" => "pong",
        _ => "error",
    }
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn every_message_gets_one_answer_of_one_frame(db: PgPool) {
    let app = App::new(&db);
    let mia = app.manager("mia").await;
    let project = app.project(&mia, "WEB", &[]).await;
    let task = app.task(&mia, json!({ "title": "Talk", "project_id": id(&project) })).await;
    let good = [
        json!({ "action": "resume", "since": 0 }),
        json!({ "action": "read", "seq": 1 }),
        json!({ "action": "send", "task_id": id(&task), "body": "Hello" }),
        json!({ "action": "send", "task_id": "WEB-1", "body": "Hello" }),
        json!({ "action": "open", "project_id": id(&project) }),
        json!({ "action": "close", "project_id": id(&project) }),
        json!({ "action": "ping" }),
    ];
    let stub = StubGateway::start(|_, _| Manner::Fine).await;
    let gateway = || Gateway::new(stub.url.clone());
    let live =
        MessageState { db: db.into(), cache: cache(), gateway: gateway(), queues: Queues::new([]), user_per_minute: 0 };
    let server =
        Server { live: Arc::new(live), gateway: Arc::new(gateway()), connection_id: Uuid::now_v7().to_string() };
    let caller = Caller { id: mia.id, session_id: mia.session_id, role: Role::Manager };
    let ticket = realtime::create_ticket(&cache(), &caller).await.unwrap();
    realtime::connect(&cache(), ticket.expose(), &server.connection_id).await.unwrap().unwrap();
    for message in &good {
        server.take(&message.to_string()).await;
    }
    let understood = stub.take();
    assert!(
        understood.iter().zip(&good).all(|(call, message)| call.message["type"] == type_of_answer(&message["action"]))
    );

    holds(file!(), 1, messages, async move |message: Message| {
        let text = message.text(&good);
        assert_eq!(server.take(&text).await, Reply::Ok);
        let calls = stub.take();
        assert!(calls.len() == 1 && calls[0].connection == server.connection_id, "{calls:?}");
        let answer = &calls[0].message;
        assert!(answer.to_string().len() <= FRAME, "an answer of {} bytes", answer.to_string().len());
        let said: Value = serde_json::from_str(&text).unwrap_or_default();
        if answer["type"] == "error" {
            assert!(matches!(answer["status"].as_u64(), Some(400..=499)), "{answer}");
            assert!(answer["detail"].as_str().is_some_and(|detail| !detail.is_empty()), "{answer}");
        } else {
            assert_eq!(answer["type"], type_of_answer(&said["action"]), "{answer}");
        }
        let reference = said.get("ref").filter(|reference| reference.to_string().len() <= 1_000);
        assert_eq!(answer.get("ref"), reference, "{answer}");
    })
    .await;
}

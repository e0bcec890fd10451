//! WebSocket clients that drop and resume, as docs/websocket.md recommends.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use futures_util::{SinkExt, StreamExt};
use reqwest::Method;
use serde_json::{Value, json};
use tokio::{
    net::TcpStream,
    time::{Instant, timeout, timeout_at},
};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async, tungstenite::Message};
use uuid::Uuid;

use crate::{
    client::{Client, Guard, Person},
    plan::generator,
    run::{Outcome, Run},
};

/// A response that takes longer is lost.
const TIMEOUT: Duration = Duration::from_secs(15);
/// How often a client resumes to check whether it missed something.
const QUIET: Duration = Duration::from_secs(20);
/// How long a client waits for a missing notification before it resumes.
const ON_ITS_WAY: Duration = Duration::from_secs(2);

type Stream = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// A user who listens, and follows a project.
pub(crate) struct Listener {
    client: Client,
    project: Uuid,
    run: Arc<Run>,
    pub(crate) received: Received,
}

/// What a user received.
pub(crate) struct Received {
    pub(crate) who: Person,
    /// The ids of the notifications, by `seq`.
    pub(crate) told: BTreeMap<i64, Uuid>,
    /// The changes of the project that they have open, by `n`: the actor and the event.
    pub(crate) changes: BTreeMap<i64, (Uuid, String)>,
    /// What a client must never receive.
    pub(crate) wrong: Vec<String>,
}

impl Listener {
    pub(crate) fn new(person: Person, project: Uuid, seed: u64, place: u64, run: Arc<Run>) -> Self {
        let client = Client::new(person.clone(), generator(seed, 200 + place), Arc::clone(&run));
        Self { client, project, run, received: Received::nothing(person) }
    }

    /// Listens until the run is over, and reconnects whenever the connection ends.
    pub(crate) async fn listen(mut self) -> Self {
        let mut drops = self.run.drops.subscribe();
        while !self.run.is_over() {
            let Some(mut stream) = self.connect().await else { continue };
            while self.resume(&mut stream).await && self.open(&mut stream).await {
                // The connection is dropped without a close frame: the gateway finds out by itself.
                let dropped = drops.changed();
                tokio::select! {
                    _ = dropped => break,
                    alive = self.receive(&mut stream) => if !alive || self.run.is_over() { break },
                }
            }
        }
        self
    }

    /// Receives frames until it is time to resume, because a notification is or may be missing. Returns false if the
    /// connection ended.
    async fn receive(&mut self, stream: &mut Stream) -> bool {
        let mut until = Instant::now() + QUIET;
        loop {
            match timeout_at(until, stream.next()).await {
                Ok(Some(Ok(message))) => _ = self.take(&message),
                Ok(_) => return false,
                Err(_) => return true,
            }
            if has_gap(&self.received.told) || has_gap(&self.received.changes) {
                until = until.min(Instant::now() + ON_ITS_WAY);
            }
        }
    }

    /// Connects after all faults, and gets what is missing.
    pub(crate) async fn catch_up(&mut self) {
        for _ in 0..20 {
            if let Some(mut stream) = self.connect().await
                && self.resume(&mut stream).await
                && self.open(&mut stream).await
            {
                return;
            }
        }
        self.received.wrong.push("cannot resume after all faults".into());
    }

    async fn connect(&mut self) -> Option<Stream> {
        let ticket = self.client.call(Method::POST, "/v1/realtime/tickets", Some(&json!({})), &Guard::None).await;
        let Outcome::Acknowledged(ticket) = ticket else { panic!("no ticket: {ticket:?}") };
        if let Ok(Ok((stream, _))) = timeout(TIMEOUT, connect_async(ticket["url"].as_str().unwrap())).await {
            self.run.count("WebSockets", "connections");
            return Some(stream);
        }
        self.run.count("WebSockets", "connections that failed");
        self.client.pause(200..2000).await;
        None
    }

    /// Requests all notifications after the last gapless `seq`. Returns false if the connection is broken.
    async fn resume(&mut self, stream: &mut Stream) -> bool {
        loop {
            let since = known_up_to(&self.received.told);
            let Some(answer) = self.ask(stream, json!({ "action": "resume", "since": since })).await else {
                return false;
            };
            self.run.count("WebSockets", "resumes");
            let (known, last) = (known_up_to(&self.received.told), answer["last_seq"].as_i64().unwrap());
            if known < last {
                self.received.wrong.push(format!("resumed up to {last}, and {} is missing", known + 1));
            }
            if answer["more"] != true {
                return true;
            }
        }
    }

    /// Opens the project, and requests all changes after the last gapless `n`. Returns false if the connection is broken.
    async fn open(&mut self, stream: &mut Stream) -> bool {
        loop {
            let since = known_up_to(&self.received.changes);
            let open = json!({ "action": "open", "project_id": self.project, "since": since });
            let Some(answer) = self.ask(stream, open).await else { return false };
            self.run.count("WebSockets", "projects opened");
            let (known, last) = (known_up_to(&self.received.changes), answer["last"].as_i64().unwrap());
            if known < last {
                self.received.wrong.push(format!("opened up to {last}, and {} is missing", known + 1));
            }
            if answer["more"] != true {
                return true;
            }
        }
    }

    /// Sends a message and returns the response. `None` if it is an error, or if the connection is broken.
    async fn ask(&mut self, stream: &mut Stream, mut message: Value) -> Option<Value> {
        let action = message["action"].clone();
        message["ref"] = action.clone();
        stream.send(Message::text(message.to_string())).await.ok()?;
        let answer = loop {
            let Ok(Some(Ok(message))) = timeout(TIMEOUT, stream.next()).await else { return None };
            match self.take(&message) {
                Some(answer) if answer["ref"] == action => break answer,
                _ => {}
            }
        };
        if answer["type"] == "error" {
            self.run.count("WebSockets", format!("errors with {}", answer["status"]));
            self.client.pause(200..2000).await;
            return None;
        }
        Some(answer)
    }

    /// Records a notification or a change; returns any other frame.
    fn take(&mut self, message: &Message) -> Option<Value> {
        let Message::Text(text) = message else { return None };
        let frame: Value = serde_json::from_str(text).unwrap();
        if frame["type"] != "notification" {
            let Some(n) = frame["n"].as_i64() else { return Some(frame) };
            self.take_change(n, &frame);
            return None;
        }
        let (seq, id) = (frame["seq"].as_i64().unwrap(), frame["notification"]["id"].as_str().unwrap());
        match self.received.told.insert(seq, id.parse().unwrap()) {
            None => self.run.count("WebSockets", "notifications"),
            Some(before) if before.to_string() == id => self.run.count("WebSockets", "notifications received again"),
            Some(before) => self.received.wrong.push(format!("{seq} was {before} first, and then {id}")),
        }
        None
    }

    fn take_change(&mut self, n: i64, frame: &Value) {
        let change =
            (frame["actor_id"].as_str().unwrap().parse().unwrap(), frame["event"].as_str().unwrap().to_owned());
        let of_task = frame["task"].get("project_id").is_none_or(|project| *project == self.project.to_string());
        if frame["project_id"] != self.project.to_string() || !of_task || frame["task"]["deleted_at"].is_string() {
            self.received.wrong.push(format!("received what is not in the project: {frame}"));
        }
        match self.received.changes.insert(n, change.clone()) {
            None => self.run.count("WebSockets", "changes of a project"),
            Some(before) if before == change => self.run.count("WebSockets", "changes received again"),
            Some(before) => self.received.wrong.push(format!("change {n} was {before:?} first, and then {change:?}")),
        }
    }
}

impl Received {
    pub(crate) fn nothing(who: Person) -> Self {
        Self { who, told: BTreeMap::new(), changes: BTreeMap::new(), wrong: Vec::new() }
    }
}

/// Returns the last number before the first that is missing.
fn known_up_to<T>(received: &BTreeMap<i64, T>) -> i64 {
    received.keys().zip(1..).take_while(|&(&number, place)| number == place).last().map_or(0, |(_, place)| place)
}

fn has_gap<T>(received: &BTreeMap<i64, T>) -> bool {
    received.last_key_value().is_some_and(|(last, _)| known_up_to(received) < *last)
}

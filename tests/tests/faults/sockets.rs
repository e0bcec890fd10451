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

/// A user who listens.
pub(crate) struct Listener {
    client: Client,
    run: Arc<Run>,
    pub(crate) received: Received,
}

/// What a user received.
pub(crate) struct Received {
    pub(crate) who: Person,
    /// The ids of the notifications, by `seq`.
    pub(crate) told: BTreeMap<i64, Uuid>,
    /// What a client must never receive.
    pub(crate) wrong: Vec<String>,
}

impl Listener {
    pub(crate) fn new(person: Person, seed: u64, place: u64, run: Arc<Run>) -> Self {
        let client = Client::new(person.clone(), generator(seed, 200 + place), Arc::clone(&run));
        Self { client, run, received: Received { who: person, told: BTreeMap::new(), wrong: Vec::new() } }
    }

    /// Listens until the run is over, and reconnects whenever the connection ends.
    pub(crate) async fn listen(mut self) -> Self {
        let mut drops = self.run.drops.subscribe();
        while !self.run.is_over() {
            let Some(mut stream) = self.connect().await else { continue };
            while self.resume(&mut stream).await {
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
            let last = self.received.told.last_key_value().map_or(0, |(seq, _)| *seq);
            if self.known_up_to() < last {
                until = until.min(Instant::now() + ON_ITS_WAY);
            }
        }
    }

    /// Connects after all faults, and gets what is missing.
    pub(crate) async fn catch_up(&mut self) {
        for _ in 0..20 {
            if let Some(mut stream) = self.connect().await
                && self.resume(&mut stream).await
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
            let resume = json!({ "action": "resume", "since": self.known_up_to(), "ref": "resume" }).to_string();
            if stream.send(Message::text(resume)).await.is_err() {
                return false;
            }
            let answer = loop {
                match timeout(TIMEOUT, stream.next()).await {
                    Ok(Some(Ok(message))) => match self.take(&message) {
                        Some(answer) if answer["ref"] == "resume" => break answer,
                        _ => {}
                    },
                    _ => return false,
                }
            };
            if answer["type"] != "resumed" {
                self.run.count("WebSockets", format!("errors with {}", answer["status"]));
                self.client.pause(200..2000).await;
                return false;
            }
            self.run.count("WebSockets", "resumes");
            let (known, last) = (self.known_up_to(), answer["last_seq"].as_i64().unwrap());
            if known < last {
                self.received.wrong.push(format!("resumed up to {last}, and {} is missing", known + 1));
            }
            if answer["more"] != true {
                return true;
            }
        }
    }

    /// Records a notification; returns any other frame.
    fn take(&mut self, message: &Message) -> Option<Value> {
        let Message::Text(text) = message else { return None };
        let frame: Value = serde_json::from_str(text).unwrap();
        if frame["type"] != "notification" {
            return Some(frame);
        }
        let (seq, id) = (frame["seq"].as_i64().unwrap(), frame["notification"]["id"].as_str().unwrap());
        match self.received.told.insert(seq, id.parse().unwrap()) {
            None => self.run.count("WebSockets", "notifications"),
            Some(before) if before.to_string() == id => self.run.count("WebSockets", "notifications received again"),
            Some(before) => self.received.wrong.push(format!("{seq} was {before} first, and then {id}")),
        }
        None
    }

    fn known_up_to(&self) -> i64 {
        let gapless = self.received.told.keys().zip(1..).take_while(|&(&seq, place)| seq == place);
        gapless.last().map_or(0, |(_, place)| place)
    }
}

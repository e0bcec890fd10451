//! A WebSocket client that behaves like a browser.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::{net::TcpStream, time::timeout};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{Error, Message},
};

use crate::support::Api;

/// How long a test waits for a message that must arrive.
const PATIENCE: Duration = Duration::from_mins(1);

pub(crate) struct Socket(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Socket {
    /// Opens a connection of a person with a new ticket. Waits for one response, so that the gateway knows the
    /// connection.
    pub(crate) async fn open(person: &Api) -> Self {
        let ticket = person.post("/v1/realtime/tickets", &json!({})).await.expect(201);
        let mut socket = Self::connect(ticket["url"].as_str().unwrap()).await.unwrap();
        assert_eq!(socket.ask(json!({ "action": "ping" })).await["type"], "pong");
        socket
    }

    /// Connects to an address. Returns the status if the connection is refused.
    pub(crate) async fn connect(url: &str) -> Result<Self, u16> {
        match connect_async(url).await {
            Ok((socket, _)) => Ok(Self(socket)),
            Err(Error::Http(response)) => Err(response.status().as_u16()),
            Err(other) => panic!("{other}"),
        }
    }

    pub(crate) async fn send(&mut self, message: impl ToString) {
        self.0.send(Message::text(message.to_string())).await.unwrap();
    }

    /// Returns the next message.
    pub(crate) async fn next(&mut self) -> Value {
        self.next_or_end().await.expect("the connection is open")
    }

    /// Returns the next message, or `None` if the other side closes the connection.
    pub(crate) async fn next_or_end(&mut self) -> Option<Value> {
        loop {
            match timeout(PATIENCE, self.0.next()).await.expect("something comes in time") {
                Some(Ok(Message::Text(text))) => return Some(serde_json::from_str(&text).unwrap()),
                Some(Ok(Message::Close(_)) | Err(_)) | None => return None,
                Some(Ok(_)) => {}
            }
        }
    }

    /// Sends a message and returns the response to it. Skips messages that are pushed before the response.
    pub(crate) async fn ask(&mut self, message: Value) -> Value {
        let mut message = message;
        message["ref"] = json!("asked");
        self.send(message).await;
        loop {
            let answer = self.next().await;
            if answer["ref"] == "asked" {
                return answer;
            }
        }
    }

    /// Returns the next message of this type.
    pub(crate) async fn next_of(&mut self, kind: &str) -> Value {
        self.next_that(|message| message["type"] == kind).await
    }

    /// Returns the next message for which `is_wanted` is true.
    pub(crate) async fn next_that(&mut self, is_wanted: impl Fn(&Value) -> bool) -> Value {
        loop {
            let message = self.next().await;
            if is_wanted(&message) {
                return message;
            }
        }
    }

    /// Returns the messages that have arrived so far: requests a pong, and returns everything before it.
    pub(crate) async fn so_far(&mut self) -> Vec<Value> {
        self.send(json!({ "action": "ping", "ref": "so far" })).await;
        let mut messages = Vec::new();
        loop {
            let message = self.next().await;
            if message["ref"] == "so far" {
                return messages;
            }
            messages.push(message);
        }
    }
}

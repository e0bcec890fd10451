//! The WebSocket: tickets, pings, and what is not understood.

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{Error, Message},
};

use crate::support::{Api, variable};

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

async fn ask(socket: &mut Socket, message: &str) -> Value {
    socket.send(Message::text(message)).await.unwrap();
    loop {
        if let Message::Text(text) = socket.next().await.unwrap().unwrap() {
            return serde_json::from_str(&text).unwrap();
        }
    }
}

async fn refused(url: &str) -> u16 {
    match connect_async(url).await {
        Err(Error::Http(response)) => response.status().as_u16(),
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("{url} was let in"),
    }
}

#[tokio::test]
async fn a_ticket_opens_one_connection() {
    let (ann, _) = Api::register("Dan").await;
    let ticket = ann.post("/v1/realtime/tickets", &json!({})).await.expect(201);
    assert_eq!(ticket["expires_in"], 30);
    let url = ticket["url"].as_str().unwrap();

    let (mut socket, _) = connect_async(url).await.unwrap();
    assert_eq!(ask(&mut socket, r#"{"action": "ping", "ref": 7}"#).await, json!({ "type": "pong", "ref": 7 }));
    for nonsense in ["hello", r#"{"action": "dance"}"#] {
        let answer = ask(&mut socket, nonsense).await;
        assert_eq!((&answer["type"], &answer["status"]), (&json!("error"), &json!(400)), "{nonsense}");
    }

    // AWS hands the 401 of $connect to the client; the emulator makes it a 403.
    assert!([401, 403].contains(&refused(url).await), "a ticket is good once");
}

#[tokio::test]
async fn without_a_good_ticket_nobody_is_let_in() {
    let url = variable("TASKBELL_WS");
    assert!([401, 403].contains(&refused(&url).await));
    assert!([401, 403].contains(&refused(&format!("{url}?ticket=forged")).await));
}

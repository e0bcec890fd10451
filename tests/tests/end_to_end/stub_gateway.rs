//! The `@connections` of a gateway that responds as a test requires. It uses HTTP/1.1 over plain TCP: its cost must be
//! negligible compared to what it measures.

use std::sync::{Arc, Mutex};

use serde_json::Value;
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
};

/// A call to the gateway.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Call {
    pub(crate) method: String,
    pub(crate) connection: String,
    pub(crate) message: Value,
}

/// How the gateway responds.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Manner {
    Fine,
    /// The connection is closed.
    Gone,
    /// Too many calls.
    Throttled,
    /// It never responds.
    Silent,
}

pub(crate) struct StubGateway {
    pub(crate) url: String,
    calls: Arc<Mutex<Vec<Call>>>,
}

impl StubGateway {
    /// Starts a gateway. `manner` decides how it responds, from the connection and the number of previous calls to it.
    pub(crate) async fn start(manner: impl Fn(&str, usize) -> Manner + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let calls = Arc::new(Mutex::new(Vec::new()));
        let (log, manner) = (Arc::clone(&calls), Arc::new(manner));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                stream.set_nodelay(true).unwrap();
                tokio::spawn(serve(stream, Arc::clone(&log), Arc::clone(&manner)));
            }
        });
        Self { url, calls }
    }

    /// Removes all recorded calls and returns them.
    pub(crate) fn take(&self) -> Vec<Call> {
        std::mem::take(&mut self.calls.lock().unwrap())
    }

    /// Waits until there is a call.
    pub(crate) async fn called(&self) {
        while self.calls.lock().unwrap().is_empty() {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
    }

    /// Returns all recorded calls.
    pub(crate) fn calls(&self) -> Vec<Call> {
        self.calls.lock().unwrap().clone()
    }
}

async fn serve(
    stream: TcpStream,
    log: Arc<Mutex<Vec<Call>>>,
    manner: Arc<impl Fn(&str, usize) -> Manner>,
) -> std::io::Result<()> {
    let (read, mut write) = stream.into_split();
    let mut read = BufReader::new(read);
    loop {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            if read.read_line(&mut head).await? == 0 {
                return Ok(());
            }
        }
        let length = head.lines().find_map(|line| line.to_lowercase().strip_prefix("content-length: ")?.parse().ok());
        let mut body = vec![0; length.unwrap_or(0)];
        read.read_exact(&mut body).await?;
        let mut words = head.split([' ', '/']);
        let method = words.next().unwrap_or_default().to_owned();
        let connection = head.split(' ').nth(1).and_then(|path| path.rsplit('/').next()).unwrap_or_default().to_owned();
        let message = serde_json::from_slice(&body).unwrap_or(Value::Null);
        let before = {
            let mut log = log.lock().unwrap();
            let before = log.iter().filter(|call| call.connection == connection).count();
            log.push(Call { method, connection: connection.clone(), message });
            before
        };
        let (status, error) = match manner(&connection, before) {
            Manner::Fine => ("200 OK", None),
            Manner::Gone => ("410 Gone", Some("GoneException")),
            Manner::Throttled => ("429 Too Many Requests", Some("LimitExceededException")),
            Manner::Silent => std::future::pending().await,
        };
        let error = error.map_or_else(String::new, |name| format!("x-amzn-ErrorType: {name}\r\n"));
        write.write_all(format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\n{error}\r\n").as_bytes()).await?;
    }
}

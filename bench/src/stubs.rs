//! Stubs of the AWS services and the mail server. They accept everything immediately: their cost must be negligible
//! compared to what is measured. Postgres and Redis are real.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use hyper::header::{CONTENT_TYPE, ETAG, HeaderValue};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
};

use crate::server;

/// The number of accepted frames.
#[derive(Clone, Default)]
pub(crate) struct Count(Arc<AtomicUsize>);

impl Count {
    pub(crate) fn get(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }
}

/// Starts the `@connections` of a gateway for which every connection is open. Returns its URL, and the number of frames
/// that it has accepted.
pub(crate) async fn gateway() -> anyhow::Result<(String, Count)> {
    let frames = Count::default();
    let taken = frames.clone();
    let address = server::serve(move |_| {
        taken.0.fetch_add(1, Ordering::Relaxed);
        async { server::answer(200, "") }
    });
    let address = address.await?;
    Ok((format!("http://{address}"), frames))
}

/// Starts SQS and S3, which accept every message and every file. Returns the URL.
pub(crate) async fn services() -> anyhow::Result<String> {
    let address = server::serve(async |request| {
        if !request.headers().contains_key("x-amz-target") {
            let mut answer = server::answer(200, "");
            answer.headers_mut().insert(ETAG, HeaderValue::from_static("\"file\""));
            return answer;
        }
        let body: Value = serde_json::from_slice(request.body()).unwrap_or_default();
        let sent = |entry: &Value| json!({ "Id": entry["Id"], "MessageId": entry["Id"], "MD5OfMessageBody": "" });
        let taken: Vec<Value> = body["Entries"].as_array().into_iter().flatten().map(sent).collect();
        let mut answer = server::answer(200, json!({ "Successful": taken, "Failed": [] }).to_string());
        answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/x-amz-json-1.0"));
        answer
    });
    Ok(format!("http://{}", address.await?))
}

/// Starts a mail server that accepts every e-mail. Returns its URL.
pub(crate) async fn smtp() -> anyhow::Result<String> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("smtp://{}", listener.local_addr()?);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(converse(stream));
        }
    });
    Ok(url)
}

/// Implements as much of SMTP (RFC 5321) as a client needs if the server accepts everything.
async fn converse(stream: TcpStream) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let (read, mut write) = stream.into_split();
    write.write_all(b"220 bench\r\n").await?;
    let (mut lines, mut in_mail) = (BufReader::new(read).lines(), false);
    while let Some(line) = lines.next_line().await? {
        let answer: &[u8] = match (in_mail, line.as_str()) {
            (true, ".") => {
                in_mail = false;
                b"250 taken\r\n"
            }
            (true, _) => continue,
            (false, "DATA") => {
                in_mail = true;
                b"354 go on\r\n"
            }
            (false, "QUIT") => b"221 bye\r\n",
            (false, _) => b"250 yes\r\n",
        };
        write.write_all(answer).await?;
    }
    Ok(())
}

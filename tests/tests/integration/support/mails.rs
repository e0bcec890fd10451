//! A mail server that accepts and keeps every mail.

use std::sync::{Arc, Mutex};

use mail_parser::{Message, MessageParser};
use shared::{auth::UnsubscribeKey, db::PgPool, mail::Mailer, queue::Queues};
use taskbell_queue::send_email::{Outcome, SendEmail};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
};

use super::{App, Person, UNSUBSCRIBE_KEY, consumers::settings};

/// The mails that were sent, in order.
type Taken = Arc<Mutex<Vec<Vec<u8>>>>;

/// A mail server, and the consumer that sends through it.
pub(crate) struct Post {
    taken: Taken,
    send_email: SendEmail,
}

/// A mail that was received.
#[derive(Debug)]
pub(crate) struct Letter {
    pub(crate) subject: String,
    pub(crate) text: String,
    pub(crate) html: String,
    /// The bytes that were sent.
    pub(crate) raw: Vec<u8>,
}

impl Post {
    /// Starts a server.
    pub(crate) async fn open(db: &PgPool) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mailer = format!("smtp://{}", listener.local_addr().unwrap());
        let mailer = Mailer::new(&mailer, "Taskbell <taskbell@example.com>").unwrap();
        let taken = Taken::default();
        let keep = Arc::clone(&taken);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(take(stream, Arc::clone(&keep)));
            }
        });
        let key = UnsubscribeKey::new(UNSUBSCRIBE_KEY);
        Self { taken, send_email: SendEmail::new(db.clone().into(), mailer, Queues::new([]), key, settings()) }
    }

    /// Sends all ordered mails of a person. Returns those that were sent, oldest first.
    pub(crate) async fn deliver(&self, app: &App, person: &Person) -> Vec<Letter> {
        let messages = "SELECT o.id FROM outbox o JOIN emails e ON e.id::text = o.payload->>'email_id'
                        WHERE o.queue = 'emails' AND o.handled_at IS NULL AND e.user_id = $1 ORDER BY o.id";
        let messages: Vec<uuid::Uuid> = sqlx::query_scalar(messages).bind(person.id).fetch_all(&app.db).await.unwrap();
        for message in messages {
            let outcome = self.send_email.send(message, chrono::Utc::now()).await.unwrap();
            assert!(matches!(outcome, Outcome::Sent | Outcome::Nothing), "{outcome:?}");
        }
        self.taken.lock().unwrap().drain(..).map(Letter::read).collect()
    }
}

impl Letter {
    fn read(raw: Vec<u8>) -> Self {
        let parsed: Message<'_> = MessageParser::default().parse(&raw).unwrap();
        let (subject, text) =
            (parsed.subject().unwrap().to_owned(), parsed.body_text(0).unwrap().replace("\r\n", "\n"));
        let html = parsed.body_html(0).unwrap().into_owned();
        Self { subject, text, html, raw }
    }
}

/// Serves one SMTP connection (RFC 5321).
async fn take(stream: TcpStream, taken: Taken) {
    let (read, mut write) = stream.into_split();
    let mut lines = BufReader::new(read).split(b'\n');
    let mut mail: Option<Vec<u8>> = None;
    write.write_all(b"220 hello\r\n").await.unwrap();
    while let Ok(Some(line)) = lines.next_segment().await {
        let line = line.strip_suffix(b"\r").unwrap_or(&line);
        let answer = match &mut mail {
            Some(_) if line == b"." => {
                taken.lock().unwrap().extend(mail.take());
                "250 taken"
            }
            Some(mail) => {
                mail.extend_from_slice(line.strip_prefix(b".").unwrap_or(line));
                mail.extend_from_slice(b"\r\n");
                continue;
            }
            None if line.eq_ignore_ascii_case(b"DATA") => {
                mail = Some(Vec::new());
                "354 go on"
            }
            None => "250 fine",
        };
        if write.write_all(format!("{answer}\r\n").as_bytes()).await.is_err() {
            break;
        }
    }
}

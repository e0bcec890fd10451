//! `send-email` with a separate database, a real SMTP server, and one that misbehaves.

use std::{sync::Arc, time::Duration};

use aws_lambda_events::sqs::{SqsEvent, SqsMessage};
use chrono::Utc;
use lambda_runtime::{Context, LambdaEvent};
use serde_json::json;
use shared::{
    auth::UnsubscribeKey,
    db::{Database, PgPool, emails, outbox::Topic, users},
    domain::{account::Role, email::EmailKind},
    mail::{Links, Mailer},
    queue::Queues,
};
pub(crate) use smtp::misbehaving_server;
use taskbell_queue::send_email::{Outcome, SendEmail, Settings};
use uuid::Uuid;

use crate::support::{mails_to, variable};

pub(crate) fn consumer(db: &PgPool, smtp_url: &str) -> SendEmail {
    consumer_of(db, smtp_url, &variable("TASKBELL_EMAILS_QUEUE_URL"))
}

/// Creates a consumer of another queue than the deployed one.
pub(crate) fn consumer_of(db: &PgPool, smtp_url: &str, queue: &str) -> SendEmail {
    let settings = Settings { links: Links::new("https://tasks.example"), retry_after: Duration::from_secs(1) };
    let mailer = Mailer::new(smtp_url, "Taskbell <taskbell@example.com>").unwrap();
    let queues = Queues::new([(Topic::Emails, queue.into())]);
    SendEmail::new(db.clone().into(), mailer, queues, UnsubscribeKey::new(&variable("UNSUBSCRIBE_KEY")), settings)
}

/// Enqueues an e-mail. Returns the id of its message, its own id, and the address.
async fn order(db: &PgPool) -> (Uuid, Uuid, String) {
    let address = format!("mail-{}@example.com", Uuid::now_v7().simple());
    let mut tx = Database::from(db.clone()).begin().await.unwrap();
    let new = users::NewUser { email: &address, name: "Zoë", password_hash: "", role: Role::User, time_zone: "UTC" };
    let user = users::create(&mut tx, &new).await.unwrap();
    emails::enqueue(&mut tx, user.id, EmailKind::VerifyEmail).await.unwrap();
    let email_id = sqlx::query_scalar("SELECT id FROM emails").fetch_one(&mut *tx).await.unwrap();
    let message_id = tx.enqueued()[0].id;
    tx.commit(&Queues::none()).await.unwrap();
    (message_id, email_id, address)
}

fn batch(bodies: &[String]) -> LambdaEvent<SqsEvent> {
    let record = |(at, body): (usize, &String)| -> SqsMessage {
        serde_json::from_value(
            json!({ "messageId": at.to_string(), "body": body, "attributes": {}, "messageAttributes": {} }),
        )
        .unwrap()
    };
    let records: Vec<SqsMessage> = bodies.iter().enumerate().map(record).collect();
    let payload: SqsEvent = serde_json::from_value(json!({ "Records": records })).unwrap();
    let mut context = Context::default();
    context.deadline = u64::try_from(Utc::now().timestamp_millis()).unwrap() + 60_000;
    LambdaEvent { payload, context }
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn three_concurrent_deliveries_of_a_message_send_one_email(db: PgPool) {
    let (id, email_id, address) = order(&db).await;
    let (consumer, now) = (consumer(&db, &variable("SMTP_URL")), Utc::now());
    let outcomes = tokio::join!(consumer.send(id, now), consumer.send(id, now), consumer.send(id, now));
    let sent = [outcomes.0.unwrap(), outcomes.1.unwrap(), outcomes.2.unwrap()];
    assert_eq!(sent.iter().filter(|outcome| **outcome == Outcome::Sent).count(), 1, "{sent:?}");
    assert_eq!(consumer.send(id, now).await.unwrap(), Outcome::Nothing);
    let mails = mails_to(&address, 1).await;
    assert_eq!(mails.len(), 1);
    assert_eq!(mails[0]["headers"]["message-id"], format!("<{email_id}@example.com>"));
    assert!(mails[0]["text"].as_str().unwrap().contains("Hello Zoë"));
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn only_the_poison_message_of_a_batch_is_returned_to_the_queue(db: PgPool) {
    let (id, _, address) = order(&db).await;
    let bodies = ["poison".into(), json!({ "id": id }).to_string(), json!({ "id": Uuid::now_v7() }).to_string()];
    let response = Arc::new(consumer(&db, &variable("SMTP_URL"))).handle(batch(&bodies)).await.unwrap();
    let again: Vec<_> = response.batch_item_failures.iter().map(|item| item.item_identifier.clone()).collect();
    assert_eq!(again, ["0"]);
    assert_eq!(mails_to(&address, 1).await.len(), 1);
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn a_permanent_refusal_is_stored_and_not_retried(db: PgPool) {
    let (id, email_id, _) = order(&db).await;
    let server = misbehaving_server("550 5.1.1 no such mailbox").await;
    let consumer = consumer(&db, &server);
    assert_eq!(consumer.send(id, Utc::now()).await.unwrap(), Outcome::Refused);
    assert_eq!(consumer.send(id, Utc::now()).await.unwrap(), Outcome::Nothing);
    let error: String = sqlx::query_scalar("SELECT error FROM emails WHERE id = $1 AND failed_at IS NOT NULL")
        .bind(email_id)
        .fetch_one(&db)
        .await
        .unwrap();
    assert!(error.contains("no such mailbox"), "{error}");
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn an_email_is_sent_later_if_the_server_is_busy_or_unavailable(db: PgPool) {
    let (id, _, address) = order(&db).await;
    let busy = misbehaving_server("451 4.3.0 try again later").await;
    for away in [busy.as_str(), "smtp://127.0.0.1:9"] {
        let message = json!({ "id": id }).to_string();
        let response = Arc::new(consumer(&db, away)).handle(batch(&[message])).await.unwrap();
        assert_eq!(response.batch_item_failures.len(), 1, "{away}");
    }
    assert_eq!(consumer(&db, &variable("SMTP_URL")).send(id, Utc::now()).await.unwrap(), Outcome::Sent);
    assert_eq!(mails_to(&address, 1).await.len(), 1);
}

/// A server that sends a greeting, and responds to every recipient with the same line.
mod smtp {
    use tokio::{
        io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
        net::TcpListener,
    };

    pub(crate) async fn misbehaving_server(answer: &'static str) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(async move {
                    let (read, mut write) = stream.into_split();
                    let mut lines = BufReader::new(read).lines();
                    write.write_all(b"220 hello\r\n").await.unwrap();
                    while let Ok(Some(line)) = lines.next_line().await {
                        let reply = if line.starts_with("RCPT") { answer } else { "250 fine" };
                        if write.write_all(format!("{reply}\r\n").as_bytes()).await.is_err() {
                            break;
                        }
                    }
                });
            }
        });
        format!("smtp://{address}")
    }
}

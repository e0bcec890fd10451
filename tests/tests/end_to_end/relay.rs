//! The relay: it sends messages to their queue that a function left in the outbox.

use std::time::{Duration, SystemTime};

use serde_json::json;
use shared::{
    db::{
        Database, PgPool,
        outbox::{self, Topic},
    },
    queue::Queues,
};
use taskbell_schedule::relay_outbox::RelayOutbox;

use crate::support::{Api, mails_to, variable};

/// Creates a queue without a consumer. Returns its URL.
pub(crate) async fn own_queue(sqs: &aws_sdk_sqs::Client) -> String {
    let name = format!("relay-{}", uuid::Uuid::now_v7().simple());
    sqs.create_queue().queue_name(name).send().await.unwrap().queue_url.unwrap()
}

/// The time after which a message is sent again: longer than any test takes.
pub(crate) const NEVER: Duration = Duration::from_hours(1);

fn job(db: &PgPool, emails: &str) -> RelayOutbox {
    RelayOutbox::new(db.clone().into(), Queues::new([(Topic::Emails, emails.into())]), NEVER)
}

/// Receives all messages of a queue. Returns their bodies.
pub(crate) async fn received(sqs: &aws_sdk_sqs::Client, queue: &str) -> Vec<String> {
    let mut bodies = Vec::new();
    loop {
        let messages = sqs.receive_message().queue_url(queue).max_number_of_messages(10).send().await.unwrap();
        match messages.messages {
            Some(messages) if !messages.is_empty() => {
                bodies.extend(messages.into_iter().filter_map(|message| message.body));
            }
            _ => return bodies,
        }
    }
}

async fn left_behind(db: &PgPool, count: usize) {
    let mut tx = Database::from(db.clone()).begin().await.unwrap();
    for number in 0..count {
        outbox::add(&mut tx, Topic::Emails, json!({ "number": number })).await.unwrap();
    }
    tx.commit(&Queues::none()).await.unwrap();
    a_minute_passes(db).await;
}

/// Makes all messages a minute older, so that their functions have had the time to send them.
pub(crate) async fn a_minute_passes(db: &PgPool) {
    let earlier =
        "UPDATE outbox SET created_at = created_at - interval '1 minute', due_at = due_at - interval '1 minute'";
    sqlx::query(earlier).execute(db).await.unwrap();
}

async fn unsent(db: &PgPool) -> i64 {
    sqlx::query_scalar("SELECT count(*) FROM outbox WHERE sent_at IS NULL").fetch_one(db).await.unwrap()
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn two_concurrent_runs_send_each_message_once(db: PgPool) {
    left_behind(&db, 45).await;
    let sqs = aws_sdk_sqs::Client::new(&shared::aws::config());
    let queue = own_queue(&sqs).await;
    let job = job(&db, &queue);
    let deadline = SystemTime::now() + Duration::from_secs(30);
    let (one, other) = tokio::join!(job.run(deadline), job.run(deadline));
    assert_eq!(one.unwrap() + other.unwrap(), 45);
    let mut bodies = received(&sqs, &queue).await;
    bodies.sort();
    bodies.dedup();
    assert_eq!((bodies.len(), unsent(&db).await), (45, 0));
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn messages_are_not_marked_as_sent_if_the_queue_is_unavailable(db: PgPool) {
    left_behind(&db, 3).await;
    let sqs = aws_sdk_sqs::Client::new(&shared::aws::config());
    let queue = own_queue(&sqs).await;
    let deadline = SystemTime::now() + Duration::from_secs(30);
    job(&db, &format!("{queue}-that-is-not")).run(deadline).await.unwrap_err();
    assert_eq!(unsent(&db).await, 3);
    assert_eq!(job(&db, &queue).run(deadline).await.unwrap(), 3);
    assert_eq!(unsent(&db).await, 0);
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn a_message_that_was_just_committed_is_left_to_its_function(db: PgPool) {
    let mut tx = Database::from(db).statement().await.unwrap();
    outbox::add(&mut tx, Topic::Emails, json!({})).await.unwrap();
    assert!(outbox::claim_unsent(&mut tx, Topic::Emails, 10, NEVER).await.unwrap().is_empty());
}

/// The deployed job runs on its schedule. A function that died right after its commit left this e-mail behind.
#[tokio::test]
async fn an_email_of_a_function_that_died_after_its_commit_is_sent_within_two_minutes() {
    let (_, registered) = Api::register("Eve").await;
    let address = registered["user"]["email"].as_str().unwrap();
    mails_to(address, 1).await;
    let db = shared::db::pool(variable("DATABASE_URL").parse().unwrap(), 1);
    let user_id: uuid::Uuid = registered["user"]["id"].as_str().unwrap().parse().unwrap();
    let mut tx = Database::from(db.clone()).begin().await.unwrap();
    shared::db::emails::enqueue(&mut tx, user_id, shared::domain::email::EmailKind::ResetPassword).await.unwrap();
    tx.commit(&Queues::none()).await.unwrap();

    let deadline = SystemTime::now() + Duration::from_mins(2);
    loop {
        let sent: bool = sqlx::query_scalar(
            "SELECT bool_and(sent_at IS NOT NULL) FROM emails WHERE user_id = $1 AND kind = 'reset_password'",
        )
        .bind(user_id)
        .fetch_one(&db)
        .await
        .unwrap();
        if sent {
            break;
        }
        assert!(SystemTime::now() < deadline, "the relay did not send it");
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    assert_eq!(mails_to(address, 2).await.len(), 2);
}

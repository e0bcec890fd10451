//! The deployed queues: messages that are delivered three times, poison messages, messages that were left behind or
//! lost, and the delays after failures.

use std::{sync::Arc, time::Duration};

use aws_lambda_events::sqs::{SqsEvent, SqsMessage};
use aws_sdk_sqs::types::{MessageSystemAttributeName, QueueAttributeName};
use lambda_runtime::{Context, LambdaEvent};
use serde_json::json;
use shared::{
    db::{Database, PgPool, emails, members, projects},
    domain::{access::Manage, project::Trash},
    queue::Queues,
};
use uuid::Uuid;

use crate::{
    realtime::inbox,
    socket::Socket,
    support::{Api, Member, mails_saying, project, variable},
};

fn sqs() -> aws_sdk_sqs::Client {
    aws_sdk_sqs::Client::new(&shared::aws::config())
}

fn database() -> PgPool {
    shared::db::pool(variable("DATABASE_URL").parse().unwrap(), 1)
}

/// Returns the newest event about a task in the deployed system.
async fn newest_event(db: &PgPool, task_id: &str) -> Uuid {
    let newest = "SELECT id FROM outbox WHERE payload->>'task_id' = $1 ORDER BY id DESC LIMIT 1";
    sqlx::query_scalar(newest).bind(task_id).fetch_one(db).await.unwrap()
}

#[tokio::test]
async fn a_message_that_is_delivered_three_times_makes_one_notification_one_frame_and_one_email() {
    let (boss, bob) = (Member::boss().await, Member::verified("Bob").await);
    let project = project(&boss, &[&bob]).await;
    let mut socket = Socket::open(&bob.api).await;
    let new = json!({ "title": "Thrice", "project_id": project, "assignee_id": bob.id });
    let task = boss.api.post("/v1/tasks", &new).await.expect(201);
    let event = newest_event(&database(), task["id"].as_str().unwrap()).await;
    let (sqs, queue) = (sqs(), variable("TASKBELL_EVENTS_QUEUE_URL"));
    for _ in 0..3 {
        let message = json!({ "id": event }).to_string();
        sqs.send_message().queue_url(&queue).message_body(message).send().await.unwrap();
    }
    // An event that comes after them. But events are handled concurrently, so the notifications may have another order.
    let path = format!("/v1/tasks/{}/comments", task["id"].as_str().unwrap());
    boss.api.post(&path, &json!({ "body": "the end" })).await.expect(201);
    let told = inbox(&bob.api, 3).await;
    let assigned: Vec<_> = told.iter().filter(|one| one["kind"] == "task_assigned").collect();
    assert_eq!((told.len(), assigned.len()), (3, 1), "{told:?}");
    let mut frames = Vec::new();
    // The notification of the membership may have arrived before the socket was open.
    let about: Vec<_> = told.iter().filter(|one| one["kind"] != "added_to_project").collect();
    while !about.iter().all(|one| frames.iter().any(|frame: &serde_json::Value| frame["seq"] == one["seq"])) {
        frames.push(socket.next_of("notification").await);
    }
    frames.extend(socket.so_far().await);
    assert_eq!(frames.iter().filter(|frame| frame["notification"]["kind"] == "task_assigned").count(), 1, "{frames:?}");
    // There is one e-mail about the task, or two if the machine was busy between the two changes.
    let title = assigned[0]["title"].as_str().unwrap();
    let mails = mails_saying(&bob.address, &[title, "the end"]).await;
    let said: usize = mails.iter().map(|mail| mail["text"].as_str().unwrap().matches(title).count()).sum();
    assert_eq!(said, 1, "{mails:?}");
}

#[tokio::test]
async fn a_poison_message_goes_to_the_dead_letter_queue_and_a_redrive_puts_it_back() {
    let (sqs, queue, dead) = (sqs(), variable("TASKBELL_EVENTS_QUEUE_URL"), variable("TASKBELL_EVENTS_DEAD_QUEUE_URL"));
    let poison = format!("poison {}", Uuid::now_v7());
    let visibility = async |seconds: &str| {
        let set = sqs.set_queue_attributes().queue_url(&queue);
        set.attributes(QueueAttributeName::VisibilityTimeout, seconds).send().await.unwrap();
    };
    // A message that failed is delivered again after six minutes. Here it is delivered again after one second, five
    // times.
    visibility("1").await;
    sqs.send_message().queue_url(&queue).message_body(&poison).send().await.unwrap();
    let deadline = std::time::Instant::now() + Duration::from_mins(1);
    loop {
        let receive = sqs.receive_message().queue_url(&dead).wait_time_seconds(2).visibility_timeout(0);
        let messages = receive.send().await.unwrap().messages.unwrap_or_default();
        if messages.iter().any(|message| message.body.as_deref() == Some(&poison)) {
            break;
        }
        assert!(std::time::Instant::now() < deadline, "the poison is not in the dead-letter queue");
    }
    visibility("360").await;

    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
    let redrive =
        std::process::Command::new("make").args(["-s", "redrive", "Q=events"]).current_dir(root).output().unwrap();
    let said = String::from_utf8_lossy(&redrive.stdout).into_owned();
    assert!(redrive.status.success() && said.contains("put back"), "{said}");
    let left = sqs.receive_message().queue_url(&dead).send().await.unwrap().messages.unwrap_or_default();
    assert!(left.is_empty(), "{left:?}");
}

/// One function died right after its commit. The message of another was accepted by the queue, and lost there.
#[tokio::test]
async fn messages_left_behind_or_lost_are_delivered_within_three_minutes() {
    let (boss, bob, db) = (Member::boss().await, Member::register("Bob").await, database());
    let project = project(&boss, &[]).await;
    let (project_id, admin) = (project.as_str().unwrap().parse().unwrap(), Api::admin().await);
    let admin_id = admin.get("/v1/users/me").await.expect(200)["id"].as_str().unwrap().parse().unwrap();
    let actor =
        shared::domain::Caller { id: admin_id, session_id: Uuid::nil(), role: shared::domain::account::Role::Admin };
    let mut tx = Database::from(db.clone()).begin().await.unwrap();
    // The first message is left behind, the second is lost.
    let project = projects::lock(&mut tx, &actor, project_id, Trash::Excluded, Manage).await.unwrap();
    members::set(&mut tx, &project, bob.id, None).await.unwrap();
    members::announce(&mut tx, &actor, project_id, bob.id, false).await.unwrap();
    let lost = tx.enqueued()[1].id;
    shared::db::outbox::mark_sent(&mut tx, &[lost]).await.unwrap();
    tx.commit(&Queues::none()).await.unwrap();
    bob.wait_for_seq_within(2, Duration::from_mins(3)).await;
    let open = "SELECT count(*) FROM outbox WHERE payload->>'user_id' = $1 AND handled_at IS NULL";
    let open: i64 = sqlx::query_scalar(open).bind(bob.id.to_string()).fetch_one(&db).await.unwrap();
    assert_eq!(open, 0);
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn an_email_that_fails_is_delivered_again_with_growing_delays(db: PgPool) {
    let sqs = sqs();
    let name = format!("retries-{}", Uuid::now_v7().simple());
    let queue = sqs.create_queue().queue_name(name).send().await.unwrap().queue_url.unwrap();
    let mut tx = Database::from(db.clone()).begin().await.unwrap();
    let new = shared::db::users::NewUser {
        email: "ann@example.com",
        name: "Ann",
        password_hash: "",
        role: shared::domain::account::Role::User,
        time_zone: "UTC",
    };
    let user = shared::db::users::create(&mut tx, &new).await.unwrap();
    emails::enqueue(&mut tx, user.id, shared::domain::email::EmailKind::VerifyEmail).await.unwrap();
    let body = json!({ "id": tx.enqueued()[0].id }).to_string();
    tx.commit(&Queues::none()).await.unwrap();
    sqs.send_message().queue_url(&queue).message_body(body).send().await.unwrap();

    let consumer = Arc::new(crate::mail::consumer_of(&db, "smtp://127.0.0.1:9", &queue)); // no server listens there
    // The message is delivered immediately, after one second, and after four. On a slow machine it may be later, but
    // never sooner.
    let mut tried = std::time::Instant::now();
    for wait in [0, 1, 4].map(Duration::from_secs) {
        let begun = std::time::Instant::now();
        let message = loop {
            let receive = sqs.receive_message().queue_url(&queue).wait_time_seconds(1);
            let receive = receive.message_system_attribute_names(MessageSystemAttributeName::All);
            match receive.send().await.unwrap().messages.unwrap_or_default().pop() {
                Some(message) => break message,
                None => assert!(begun.elapsed() < Duration::from_mins(1), "it does not come again"),
            }
        };
        assert!(tried.elapsed() >= wait, "after {:?}, not {wait:?}", tried.elapsed());
        let receives = &message.attributes.as_ref().unwrap()[&MessageSystemAttributeName::ApproximateReceiveCount];
        let record: SqsMessage = serde_json::from_value(json!({
            "messageId": message.message_id, "receiptHandle": message.receipt_handle, "body": message.body,
            "attributes": { "ApproximateReceiveCount": receives }, "messageAttributes": {},
        }))
        .unwrap();
        let payload: SqsEvent = serde_json::from_value(json!({ "Records": [record] })).unwrap();
        let mut context = Context::default();
        context.deadline = u64::try_from(chrono::Utc::now().timestamp_millis()).unwrap() + 60_000;
        tried = std::time::Instant::now();
        let response = Arc::clone(&consumer).handle(LambdaEvent { payload, context }).await.unwrap();
        assert_eq!(response.batch_item_failures.len(), 1);
    }
}

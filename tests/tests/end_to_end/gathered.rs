//! E-mails that gather what happened to a task. Each change is in exactly one of them, whatever the mail server does.

use std::time::Duration;

use chrono::{TimeDelta, Utc};
use serde_json::Value;
use shared::{
    auth::UnsubscribeKey,
    db::{Database, PgPool, preferences, users},
    domain::{
        notification_kind::NotificationKind,
        preferences::{Preferences, QuietHours},
    },
    queue::Queues,
};
use taskbell_queue::send_email::Outcome;
use uuid::Uuid;

use crate::{
    faults::{Scene, notify},
    mail::{consumer, misbehaving_server},
    stub_gateway::{Manner, StubGateway},
    support::{mails_to, variable},
};

/// Creates a comment of Ann, and notifies Bob of it.
async fn comment(db: &PgPool, scene: &Scene, body: &str) {
    let gateway = StubGateway::start(|_, _| Manner::Fine).await;
    let event = scene.comment(body).await;
    notify(db, &variable("REDIS_URL"), &gateway).consume(event).await.unwrap();
}

/// Returns the ids of the outbox rows of e-mails that are not finished, oldest first.
async fn ordered(db: &PgPool) -> Vec<Uuid> {
    let rows = "SELECT id FROM outbox WHERE queue = 'emails' AND handled_at IS NULL ORDER BY created_at, id";
    sqlx::query_scalar(rows).fetch_all(db).await.unwrap()
}

async fn address(db: &PgPool, scene: &Scene) -> String {
    users::find(&mut db.acquire().await.unwrap(), scene.bob.id).await.unwrap().email
}

/// Returns which of these words are in each e-mail.
fn found(mails: &[Value], words: &[&'static str]) -> Vec<Vec<&'static str>> {
    let text = |mail: &Value| mail["text"].as_str().unwrap().to_owned();
    mails.iter().map(|mail| words.iter().copied().filter(|word| text(mail).contains(word)).collect()).collect()
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn an_email_gathers_until_the_first_attempt_and_keeps_its_content_after_that(db: PgPool) {
    let scene = Scene::set(&db).await;
    comment(&db, &scene, "apple").await;
    comment(&db, &scene, "banana").await;
    let rows = ordered(&db).await;
    assert_eq!(rows.len(), 1, "five minutes of talk are one mail");

    let busy = misbehaving_server("451 4.3.0 try again later").await;
    consumer(&db, &busy).send(rows[0], Utc::now()).await.unwrap_err();
    comment(&db, &scene, "cherry").await;
    let rows = ordered(&db).await;
    assert_eq!(rows.len(), 2, "it is sealed: another one gathers");

    let sender = consumer(&db, &variable("SMTP_URL"));
    for row in rows {
        assert_eq!(sender.send(row, Utc::now()).await.unwrap(), Outcome::Sent);
        assert_eq!(sender.send(row, Utc::now()).await.unwrap(), Outcome::Nothing);
    }
    let mails = mails_to(&address(&db, &scene).await, 2).await;
    assert_eq!(found(&mails, &["apple", "banana", "cherry"]), [vec!["apple", "banana"], vec!["cherry"]]);
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn an_email_that_is_sent_twice_after_a_crash_has_the_same_message_id(db: PgPool) {
    let scene = Scene::set(&db).await;
    comment(&db, &scene, "apple").await;
    let (row, sender) = (ordered(&db).await[0], consumer(&db, &variable("SMTP_URL")));
    assert_eq!(sender.send(row, Utc::now()).await.unwrap(), Outcome::Sent);
    // As if the function had died before its commit.
    sqlx::raw_sql("UPDATE emails SET sent_at = NULL; UPDATE outbox SET handled_at = NULL WHERE queue = 'emails'")
        .execute(&db)
        .await
        .unwrap();
    comment(&db, &scene, "banana").await;
    assert_eq!(sender.send(row, Utc::now()).await.unwrap(), Outcome::Sent);
    let mails = mails_to(&address(&db, &scene).await, 2).await;
    assert_eq!(mails[0]["headers"]["message-id"], mails[1]["headers"]["message-id"]);
    assert_eq!(
        (&mails[0]["subject"], &mails[0]["text"].as_str().unwrap().contains("apple")),
        (&mails[1]["subject"], &true)
    );
    assert_eq!(found(&mails, &["apple", "banana"]), [["apple"], ["apple"]]);
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn an_address_that_keeps_refusing_gets_no_more_emails_until_it_is_confirmed_again(db: PgPool) {
    let scene = Scene::set(&db).await;
    let refusing = misbehaving_server("550 5.1.1 no such mailbox").await;
    for body in ["one", "two", "three"] {
        comment(&db, &scene, body).await;
        let row = ordered(&db).await[0];
        assert_eq!(consumer(&db, &refusing).send(row, Utc::now()).await.unwrap(), Outcome::Refused);
    }
    let (count, why): (i16, String) = sqlx::query_as(
        "SELECT email_refusals, email_refusal FROM users WHERE id = $1 AND email_refused_at IS NOT NULL",
    )
    .bind(scene.bob.id)
    .fetch_one(&db)
    .await
    .unwrap();
    assert!(count == 3 && why.contains("no such mailbox"), "{count} {why}");
    comment(&db, &scene, "four").await;
    assert!(ordered(&db).await.is_empty());

    users::set_email_verified(&mut db.acquire().await.unwrap(), scene.bob.id).await.unwrap();
    comment(&db, &scene, "five").await;
    assert_eq!(ordered(&db).await.len(), 1);
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn an_email_is_sent_later_if_the_server_hangs(db: PgPool) {
    let scene = Scene::set(&db).await;
    comment(&db, &scene, "apple").await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap(); // accepts connections, sends nothing
    let silent = format!("smtp://{}", listener.local_addr().unwrap());
    let row = ordered(&db).await[0];
    let sender = consumer(&db, &silent);
    let tried = tokio::time::timeout(Duration::from_mins(2), sender.send(row, Utc::now()));
    tried.await.expect("it gives up").unwrap_err();
    assert_eq!(consumer(&db, &variable("SMTP_URL")).send(row, Utc::now()).await.unwrap(), Outcome::Sent);
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn a_daily_summary_is_sent_once_with_a_link_that_unsubscribes(db: PgPool) {
    let scene = Scene::set(&db).await;
    let now = Utc::now() + TimeDelta::days(2);
    sqlx::query("UPDATE tasks SET due_at = $1").bind(now - TimeDelta::hours(1)).execute(&db).await.unwrap();
    let mut tx = Database::from(db.clone()).begin().await.unwrap();
    let due = shared::db::summaries::enqueue_due(&mut tx, now, 10).await.unwrap();
    let ordered = tx.enqueued().to_vec();
    tx.commit(&Queues::none()).await.unwrap();
    assert_eq!((due, ordered.len()), (2, 1), "Ann has nothing to do");
    let sender = consumer(&db, &variable("SMTP_URL"));
    assert_eq!(sender.send(ordered[0].id, now).await.unwrap(), Outcome::Sent);
    assert_eq!(sender.send(ordered[0].id, now).await.unwrap(), Outcome::Nothing);
    let mails = mails_to(&address(&db, &scene).await, 1).await;
    let text = mails[0]["text"].as_str().unwrap();
    assert!(text.contains("Overdue\n- WEB-1 Write, since "), "{text}");
    let (_, token) = text.trim().rsplit_once("token=").unwrap();
    let link = UnsubscribeKey::new(&variable("UNSUBSCRIBE_KEY")).verify(token).unwrap();
    assert_eq!((link.user_id, link.kinds.len(), link.summary), (scene.bob.id, 0, true));
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn an_email_waits_and_gathers_during_quiet_hours(db: PgPool) {
    let scene = Scene::set(&db).await;
    let now = Utc::now();
    let time = |hours| (now + TimeDelta::hours(hours)).format("%H:%M").to_string().parse().unwrap();
    let quiet_hours = Some(QuietHours { from: time(-1), to: time(2) });
    let chosen = Preferences { quiet_hours, ..Preferences::default() };
    preferences::save(&mut db.acquire().await.unwrap(), scene.bob.id, &chosen).await.unwrap();

    comment(&db, &scene, "apple").await;
    let (row, sender) = (ordered(&db).await[0], consumer(&db, &variable("SMTP_URL")));
    assert_eq!(sender.send(row, now).await.unwrap(), Outcome::Held);
    comment(&db, &scene, "banana").await;
    assert_eq!(ordered(&db).await, [row]);
    let due: chrono::DateTime<Utc> = sqlx::query_scalar("SELECT due_at FROM outbox WHERE id = $1 AND sent_at IS NULL")
        .bind(row)
        .fetch_one(&db)
        .await
        .unwrap();
    assert!(due > now + TimeDelta::minutes(118) && due <= now + TimeDelta::hours(2), "{due}");
    assert_eq!(sender.send(row, due).await.unwrap(), Outcome::Sent);
    let mails = mails_to(&address(&db, &scene).await, 1).await;
    assert_eq!(found(&mails, &["apple", "banana"]), [["apple", "banana"]]);
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn content_that_the_recipient_may_not_see_or_does_not_want_is_not_sent(db: PgPool) {
    let scene = Scene::set(&db).await;
    let sender = consumer(&db, &variable("SMTP_URL"));
    let conn = &mut *db.acquire().await.unwrap();

    comment(&db, &scene, "unwanted").await;
    preferences::unsubscribe(conn, scene.bob.id, NotificationKind::ALL, false).await.unwrap();
    let row = ordered(&db).await[0];
    assert_eq!(sender.send(row, Utc::now()).await.unwrap(), Outcome::Nothing);

    preferences::save(conn, scene.bob.id, &Preferences::default()).await.unwrap();
    comment(&db, &scene, "secret").await;
    sqlx::raw_sql(
        "UPDATE tasks SET assignee_id = NULL; DELETE FROM memberships WHERE user_id <> (SELECT created_by FROM tasks)",
    )
    .execute(&mut *conn)
    .await
    .unwrap();
    let row = ordered(&db).await[0];
    assert_eq!(sender.send(row, Utc::now()).await.unwrap(), Outcome::Nothing);
    let why: Vec<String> =
        sqlx::query_scalar("SELECT error FROM emails WHERE sent_at IS NULL").fetch_all(conn).await.unwrap();
    assert_eq!(why, ["there was nothing left to tell"; 2]);
    assert!(ordered(&db).await.is_empty());
}

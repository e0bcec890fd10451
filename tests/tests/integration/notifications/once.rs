//! Messages that are delivered twice, concurrently, or that are invalid.

use serde_json::json;
use shared::{cache::Cache, db::PgPool, realtime::Pushed};
use taskbell_queue::notify::Outcome;
use uuid::Uuid;

use super::Team;
use crate::support::{App, notify, notify_with, own_pool};

const TOLD: Outcome = Outcome::Handled(Pushed { sent: 0, gone: 0, failed: 0 });

/// Returns the only event that is not handled.
async fn unhandled(app: &App) -> Uuid {
    let ids = app.unhandled().await;
    assert_eq!(ids.len(), 1);
    ids[0]
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn a_message_delivered_three_times_notifies_once(db: PgPool) {
    let mut team = Team::new(&db).await;
    team.comment(&team.mia, "hi").await;
    let (id, notify) = (unhandled(&team.app).await, notify(&db));
    assert_eq!(notify.consume(id).await.unwrap(), TOLD);
    let before = team.app.fingerprint().await;
    assert_eq!(notify.consume(id).await.unwrap(), Outcome::HandledBefore);
    assert_eq!(notify.consume(id).await.unwrap(), Outcome::HandledBefore);
    assert_eq!(team.app.fingerprint().await, before);
    assert_eq!(team.news().await.len(), 4);
    assert_eq!(team.app.count("outbox WHERE handled_at IS NULL AND queue = 'events'").await, 0);
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn a_message_delivered_concurrently_notifies_once(db: PgPool) {
    let mut team = Team::new(&db).await;
    team.app.sql("UPDATE users SET email_verified_at = now()").await;
    let consumers = [(); 3].map(|()| notify(&own_pool(&db)));
    for round in 1..=5 {
        team.comment(&team.mia, "hi").await;
        let id = unhandled(&team.app).await;
        let [one, two, three] = &consumers;
        let outcomes = tokio::join!(one.consume(id), two.consume(id), three.consume(id));
        let outcomes = [outcomes.0, outcomes.1, outcomes.2];
        // A consumer that finds the message locked by another fails, and the message is delivered again.
        let failed = outcomes.iter().filter_map(|outcome| outcome.as_ref().err());
        for error in failed {
            assert_eq!(error.to_string(), "the same message is being handled elsewhere");
        }
        assert!(outcomes.iter().any(|outcome| matches!(outcome, Ok(TOLD))), "one of them handles it: {outcomes:?}");
        assert_eq!(one.consume(id).await.unwrap(), Outcome::HandledBefore);
        assert_eq!(team.app.count(&format!("notifications WHERE event_id = '{id}'")).await, 4);
        assert_eq!(team.news().await.len(), 4);
        assert_eq!(team.app.count("inboxes WHERE last_seq <> unread_count").await, 0);
        assert_eq!(team.app.count("emails").await, 4, "one a person, round {round}");
    }
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn a_consumer_that_failed_before_the_push_resumes_there(db: PgPool) {
    let mut team = Team::new(&db).await;
    team.comment(&team.mia, "hi").await;
    let id = unhandled(&team.app).await;
    // It cannot mark the event as handled, but all notifications are stored.
    team.app.sql("ALTER TABLE outbox ADD CONSTRAINT never CHECK (handled_at IS NULL) NOT VALID").await;
    notify(&db).consume(id).await.unwrap_err();
    assert_eq!(team.app.count(&format!("notifications WHERE event_id = '{id}'")).await, 4);
    team.app.sql("ALTER TABLE outbox DROP CONSTRAINT never").await;
    assert_eq!(notify(&db).consume(id).await.unwrap(), TOLD);
    assert_eq!(team.news().await.len(), 4);
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn notifications_work_without_the_cache(db: PgPool) {
    let mut team = Team::new(&db).await;
    team.comment(&team.mia, "hi").await;
    let id = unhandled(&team.app).await;
    let away = || Cache::new(redis::Client::open("redis://127.0.0.1:9").unwrap());
    assert_eq!(notify_with(&db, away()).consume(id).await.unwrap(), TOLD);
    assert_eq!(team.news().await.len(), 4);

    // Connections of ended sessions must be closed, and only the cache knows them: this must wait.
    let ann = team.ann.session_id;
    team.as_user(&team.ann).delete(&format!("/v1/users/me/sessions/{ann}")).await.ok(204);
    let id = unhandled(&team.app).await;
    notify_with(&db, away()).consume(id).await.unwrap_err();
    assert_eq!(unhandled(&team.app).await, id);
    assert_eq!(notify(&db).consume(id).await.unwrap(), TOLD);
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn a_message_without_an_event_is_ignored(db: PgPool) {
    let team = Team::new(&db).await;
    team.as_user(&team.ann).post("/v1/auth/password/forgot", json!({ "email": team.ann.email })).await.ok(202);
    let mail: Uuid = team.app.one("SELECT id FROM outbox WHERE queue = 'emails'").await;
    let before = team.app.fingerprint().await;
    for id in [Uuid::now_v7(), Uuid::nil(), mail] {
        assert_eq!(notify(&db).consume(id).await.unwrap(), Outcome::HandledBefore);
    }
    assert_eq!(team.app.fingerprint().await, before);
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn events_of_deleted_tasks_and_projects_notify_nobody(db: PgPool) {
    let mut team = Team::new(&db).await;
    team.comment(&team.mia, "hi").await;
    team.change(&team.mia, json!({ "status": "done" })).await;
    team.app.project(&team.mia, "LAB", &[&team.dan]).await;
    team.app.sql("DELETE FROM tasks; DELETE FROM projects WHERE key = 'LAB'").await;
    let told = team.app.count("notifications").await;
    assert_eq!(team.news().await.len(), 0);
    assert_eq!(team.app.count("notifications").await, told);
    assert_eq!(team.app.unhandled().await.len(), 0, "they do not come again");
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn an_invalid_message_fails_and_writes_nothing(db: PgPool) {
    let team = Team::new(&db).await;
    let (task, activity) = (&team.task["id"], json!(Uuid::now_v7()));
    let poison = [
        json!(null),
        json!("task"),
        json!({}),
        json!({ "event": "unknown" }),
        json!({ "event": "task" }),
        json!({ "event": "task", "kind": "ended", "activity_id": activity, "task_id": task, "actor_id": team.mia.id }),
        json!({ "event": "task", "kind": "commented", "activity_id": "x", "task_id": task, "actor_id": team.mia.id }),
        json!({ "event": "added_to_project", "user_id": team.dan.id }),
        json!({ "event": "sessions_ended", "user_id": 1 }),
    ];
    for payload in poison {
        let id = Uuid::now_v7();
        team.app.sql(&format!("INSERT INTO outbox (id, queue, payload) VALUES ('{id}', 'events', '{payload}')")).await;
        let before = team.app.fingerprint().await;
        notify(&db).consume(id).await.unwrap_err();
        assert_eq!(team.app.fingerprint().await, before, "{payload}");
    }
}

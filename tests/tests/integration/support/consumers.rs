//! The consumers of the queues, and what they deliver to the inboxes.

use std::time::Duration;

use serde_json::Value;
use shared::{
    auth::UnsubscribeKey,
    cache::Cache,
    config,
    db::{self, PgPool},
    domain::{Caller, account::Role},
    mail::{Links, Mailer},
    queue::Queues,
    realtime::{self, Gateway, Pushed},
    storage::Storage,
};
use sqlx::postgres::PgConnectOptions;
use taskbell_queue::{
    notify::{Notify, Outcome},
    send_email::{SendEmail, Settings},
};
use uuid::Uuid;

use super::{App, ISSUER, Person, UNSUBSCRIBE_KEY, text};

/// How long a mail collects the notifications of a task.
pub(crate) const GATHER: Duration = Duration::from_mins(1);

/// An address on which nothing listens.
pub(crate) const NOWHERE: &str = "http://127.0.0.1:9";

/// Returns the cache of the tests.
pub(crate) fn cache() -> Cache {
    let redis: String = config::required("REDIS_URL").unwrap();
    Cache::new(redis::Client::open(redis).unwrap())
}

/// Returns the bucket of the tests, in the emulator.
pub(crate) fn storage() -> Storage {
    Storage::new(config::required("TASKBELL_REPORTS_BUCKET").unwrap())
}

/// Returns the consumer of events. The gateway is unavailable, which matters only for connected users.
pub(crate) fn notify(db: &PgPool) -> Notify {
    notify_with(db, cache())
}

/// Returns the consumer of events with another cache.
pub(crate) fn notify_with(db: &PgPool, cache: Cache) -> Notify {
    Notify::new(db.clone().into(), cache, Gateway::new(NOWHERE.into()), Queues::new([]), GATHER)
}

/// Returns the consumer of mails, with a mail server that is unavailable.
pub(crate) fn send_email(db: &PgPool) -> SendEmail {
    let mailer = Mailer::new("smtp://127.0.0.1:9", "Taskbell <taskbell@example.com>").unwrap();
    SendEmail::new(db.clone().into(), mailer, Queues::new([]), UnsubscribeKey::new(UNSUBSCRIBE_KEY), settings())
}

/// Returns the settings of the consumer of mails.
pub(super) fn settings() -> Settings {
    Settings { links: Links::new(ISSUER), retry_after: Duration::from_secs(1) }
}

/// Returns a pool of one connection to this test's database, as a function has it.
pub(crate) fn own_pool(db: &PgPool) -> PgPool {
    db::pool(PgConnectOptions::clone(&db.connect_options()), 1)
}

/// Waits until so many connections wait for a lock.
pub(crate) async fn waiting(db: &PgPool, count: i64) {
    let waiting =
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
    while sqlx::query_scalar::<_, i64>(waiting).fetch_one(db).await.unwrap() < count {}
}

/// Returns how many messages were pushed, all of which failed because the gateway is unavailable.
#[track_caller]
pub(crate) fn pushed(outcome: Outcome) -> usize {
    match outcome {
        Outcome::Handled(Pushed { sent: 0, gone: 0, failed }) => failed,
        outcome => panic!("{outcome:?}"),
    }
}

impl App {
    /// Opens a WebSocket connection of a person.
    pub(crate) async fn connect(&self, person: &Person) {
        let caller = Caller { id: person.id, session_id: person.session_id, role: Role::User };
        let ticket = realtime::create_ticket(&cache(), &caller).await.unwrap();
        let peer = realtime::connect(&cache(), ticket.expose(), &Uuid::now_v7().to_string()).await.unwrap();
        assert_eq!(peer.unwrap().user_id, person.id);
    }

    /// Returns the due events that are not handled, in the order in which they were written.
    pub(crate) async fn unhandled(&self) -> Vec<Uuid> {
        let ids = "SELECT id FROM outbox WHERE queue = 'events' AND handled_at IS NULL AND due_at <= now() ORDER BY id";
        sqlx::query_scalar(ids).fetch_all(&self.db).await.unwrap()
    }

    /// Handles all due events.
    pub(crate) async fn tell_everyone(&self) {
        let notify = notify(&self.db);
        for id in self.unhandled().await {
            notify.consume(id).await.unwrap();
        }
    }

    /// Returns a person's notifications after `since`, oldest first.
    pub(crate) async fn inbox(&self, person: &Person, since: i64) -> Vec<Value> {
        let page = self.as_user(person).get(&format!("/v1/notifications?since={since}&limit=200")).await.ok(200);
        assert!(page["next_cursor"].is_null(), "more than a page");
        page["items"].as_array().unwrap().clone()
    }

    /// Returns all notifications of a person, oldest first, as `kind: title`.
    pub(crate) async fn told(&self, person: &Person) -> Vec<String> {
        self.inbox(person, 0).await.iter().map(said).collect()
    }
}

/// Formats a notification as `kind: title`.
pub(crate) fn said(notification: &Value) -> String {
    format!("{}: {}", text(&notification["kind"]), text(&notification["title"]))
}

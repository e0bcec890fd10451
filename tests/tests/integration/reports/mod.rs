//! Reports: who may have which, what they contain, and how they are created.

mod access;
mod ask;
mod content;
mod expiry;
mod files;
mod making;
mod weekly;

use std::time::{Duration, SystemTime};

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use shared::{
    db::{self, PgPool},
    queue::Queues,
    storage::Storage,
};
use sqlx::postgres::PgConnectOptions;
use taskbell_queue::make_report::{MakeReport, Outcome};
use uuid::Uuid;

use crate::support::{App, Person, id, storage, text};

/// A pool of two connections, as the function has it.
fn two_connections(db: &PgPool) -> PgPool {
    db::pool(PgConnectOptions::clone(&db.connect_options()), 2)
}

fn consumer(db: &PgPool, storage: Storage) -> MakeReport {
    MakeReport::new(two_connections(db).into(), Queues::new([]), storage)
}

/// Returns a deadline that is late enough for any report here.
fn deadline() -> SystemTime {
    SystemTime::now() + Duration::from_mins(5)
}

/// Returns the request for a report of the last thirty days.
fn month(kind: &str, format: &str) -> Value {
    json!({ "kind": kind, "format": format, "from": Utc::now() - TimeDelta::days(30), "to": Utc::now() + TimeDelta::hours(1) })
}

impl App {
    /// Returns the id of the outbox message for a report.
    async fn message(&self, report: &Value) -> Uuid {
        let of = format!("SELECT id FROM outbox WHERE queue = 'reports' AND payload->>'report_id' = '{}'", id(report));
        self.one(&of).await
    }

    /// Requests a report and creates it. Returns the report.
    async fn made(&self, person: &Person, wanted: Value) -> Value {
        let report = self.as_user(person).post("/v1/reports", wanted).await.ok(202);
        let made = consumer(&self.db, storage()).make(self.message(&report).await, deadline()).await.unwrap();
        assert_eq!(made, Outcome::Ready);
        self.report(person, &report).await
    }

    /// Returns the current state of the report.
    async fn report(&self, person: &Person, report: &Value) -> Value {
        self.as_user(person).get(&format!("/v1/reports/{}", id(report))).await.ok(200)
    }

    /// Returns the rows of a report.
    async fn rows(&self, person: &Person, mut wanted: Value) -> Vec<Value> {
        wanted["format"] = json!("json");
        let report = self.made(person, wanted).await;
        let file: Value = serde_json::from_slice(&download(&report).await).unwrap();
        assert_eq!(file["kind"], report["kind"]);
        file["rows"].as_array().unwrap().clone()
    }
}

/// Downloads a report's file.
async fn download(report: &Value) -> Vec<u8> {
    let answer = reqwest::get(text(&report["download_url"])).await.unwrap();
    assert_eq!(answer.status(), 200);
    answer.bytes().await.unwrap().to_vec()
}

/// Formats a time as the API does.
fn at(time: DateTime<Utc>) -> Value {
    json!(time.to_rfc3339_opts(chrono::SecondsFormat::Secs, true))
}

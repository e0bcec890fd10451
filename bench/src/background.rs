//! Measures consumers and jobs per item: a message, an e-mail, a row of a report. The work is prepared before the
//! measurement.

use std::time::{Duration, Instant};

use bytes::Bytes;
use serde_json::{Value, json};
use shared::{
    db::{Database, emails},
    domain::email::EmailKind,
    queue::Queues,
};
use sqlx::Executor;
use uuid::Uuid;

use crate::{
    data::{self, Server},
    environment::{Environment, Function},
    floor,
    measure::{megabytes, per},
    report::{Background as Row, ms},
};

/// The number of items for a function.
const ITEMS: usize = 2_000;
/// `BatchSize` of the queues in `infra/app.yaml`.
const BATCH: usize = 10;

/// The functions that are measured.
pub(crate) const NAMES: [&str; 8] = [
    "notify",
    "send-email",
    "relay-outbox",
    "send-reminders",
    "send-summaries",
    "order-reports",
    "make-report",
    "clean-up",
];

/// Prepares the work of a function, and measures how the function does it. Fails if the function does not do all of it.
pub(crate) async fn run(function: &Function, server: &mut Server, db: &Database) -> anyhow::Result<Row> {
    let mut environment = Environment::start(function).await?;
    // The first invocation creates what is created at first use, and does what is due already. A job ignores the event,
    // and the batch of a consumer is empty.
    environment.invoke(&records(&[]).to_string().into()).await?.value()?;
    let (item, events) = prepare(function.name, db).await?;
    let before = (environment.cpu(), server.cpu().await?);
    let (begun, mut items) = (Instant::now(), 0);
    for (number, event) in events {
        let did = environment.invoke(&event).await?.value()?;
        // A job returns how many items it processed, `clean-up` for each table. A consumer returns the messages that it
        // could not handle.
        let says = |did: &Value| did.as_object().is_some_and(|did| did.values().any(|done| *done == number));
        let all = says(&did) || says(&did["deleted"]);
        anyhow::ensure!(all || did.get("batchItemFailures").is_some(), "it did {did}, and was to do {number}");
        items += number;
    }
    let took = begun.elapsed();
    let each = |now: Option<Duration>, before: Option<Duration>| {
        Some(ms(now?.saturating_sub(before?) / u32::try_from(items).ok()?))
    };
    let row = Row {
        function: function.name,
        item,
        items,
        each_ms: ms(took / u32::try_from(items)?),
        per_second: per(items, took),
        cpu_ms: each(environment.cpu(), before.0),
        postgres_cpu_ms: each(server.cpu().await?, before.1),
        peak_memory_mb: environment.peak_memory().map(megabytes),
    };
    Ok(row)
}

/// Prepares the work of a function. Returns what an item is, and the events, each with its number of items.
async fn prepare(function: &str, db: &Database) -> anyhow::Result<(&'static str, Vec<(usize, Bytes)>)> {
    let conn = &mut *db.connection().await?;
    Ok(match function {
        "notify" => {
            let mut events = Vec::new();
            for number in 0..ITEMS {
                events.push(floor::create(db, &data::person(1 + number % data::PEOPLE), number).await?.event_id);
            }
            ("event: a task for somebody", batches(&events))
        }
        "send-email" => {
            let mut mails = Vec::new();
            for number in 0..ITEMS {
                let person = data::person(1 + number % data::PEOPLE);
                let mut tx = db.begin().await?;
                emails::enqueue(&mut tx, person.id, EmailKind::VerifyEmail).await?;
                mails.extend(tx.enqueued().iter().map(|message| message.id));
                tx.commit(&Queues::none()).await?;
            }
            ("mail", batches(&mails))
        }
        "relay-outbox" => {
            conn.execute("UPDATE outbox SET handled_at = now() WHERE handled_at IS NULL").await?;
            conn.execute(sqlx::AssertSqlSafe(format!(
                "INSERT INTO outbox (id, queue, payload, created_at, due_at)
                 SELECT gen_random_uuid(), 'events', '{{}}', now() - interval '1 minute', now() - interval '1 minute'
                 FROM generate_series(1, {ITEMS})"
            )))
            .await?;
            ("message", vec![(ITEMS, job())])
        }
        "send-reminders" => {
            conn.execute("DELETE FROM reminders").await?;
            conn.execute(sqlx::AssertSqlSafe(format!(
                "INSERT INTO reminders (task_id, user_id, due_at, fire_at)
                 SELECT id, created_by, now() + interval '1 hour', now() FROM tasks LIMIT {ITEMS}"
            )))
            .await?;
            ("reminder", vec![(ITEMS, job())])
        }
        "send-summaries" => {
            let people = "INSERT INTO summaries (user_id, fire_at, sent_at)
                          SELECT id, now(), now() - interval '1 day' FROM users WHERE email_verified_at IS NOT NULL
                          ON CONFLICT (user_id) DO UPDATE SET fire_at = now()";
            let people = conn.execute(people).await?.rows_affected();
            ("person", vec![(people.try_into()?, job())])
        }
        "order-reports" => {
            let subscriptions = "INSERT INTO report_subscriptions (id, user_id, kind, format, weekday, at, fire_at)
                                 SELECT gen_random_uuid(), id, 'workload', 'csv', 1, '08:00', now() FROM users
                                 WHERE role = 'manager'";
            let subscriptions = conn.execute(subscriptions).await?.rows_affected();
            ("report asked for", vec![(subscriptions.try_into()?, job())])
        }
        "make-report" => {
            let (report, message) = (Uuid::now_v7(), Uuid::now_v7());
            sqlx::query(
                "INSERT INTO reports (id, user_id, kind, format, period_from, period_to, own_work)
                 VALUES ($1, $2, 'activity', 'xlsx', now() - interval '1 year', now(), false)",
            )
            .bind(report)
            .bind(data::person(0).id)
            .execute(&mut *conn)
            .await?;
            sqlx::query("INSERT INTO outbox (id, queue, payload) VALUES ($1, 'reports', $2)")
                .bind(message)
                .bind(json!({ "report_id": report }))
                .execute(&mut *conn)
                .await?;
            let rows: i64 =
                sqlx::query_scalar("SELECT count(*) FROM activity WHERE created_at > now() - interval '1 year'")
                    .fetch_one(&mut *conn)
                    .await?;
            ("row of an XLSX", vec![(rows.try_into()?, records(&[message]).to_string().into())])
        }
        "clean-up" => {
            conn.execute(sqlx::AssertSqlSafe(format!(
                "UPDATE tasks SET deleted_at = now() - interval '31 days' WHERE id IN (SELECT id FROM tasks LIMIT {ITEMS})"
            )))
            .await?;
            ("task of the trash", vec![(ITEMS, job())])
        }
        other => anyhow::bail!("nothing is prepared for {other}"),
    })
}

fn batches(ids: &[Uuid]) -> Vec<(usize, Bytes)> {
    ids.chunks(BATCH).map(|batch| (batch.len(), records(batch).to_string().into())).collect()
}

/// Returns an SQS event with these messages.
pub(crate) fn records(ids: &[Uuid]) -> Value {
    let record = |id: &Uuid| {
        json!({
            "messageId": id, "receiptHandle": "r", "body": json!({ "id": id }).to_string(), "messageAttributes": {},
            "attributes": { "ApproximateReceiveCount": "1", "SentTimestamp": "1795539600000", "SenderId": "s", "ApproximateFirstReceiveTimestamp": "1795539600000" },
            "md5OfBody": "", "eventSource": "aws:sqs", "awsRegion": "eu-central-1",
            "eventSourceARN": "arn:aws:sqs:eu-central-1:123456789012:queue",
        })
    };
    json!({ "Records": ids.iter().map(record).collect::<Vec<_>>() })
}

fn job() -> Bytes {
    Bytes::from_static(b"{}")
}

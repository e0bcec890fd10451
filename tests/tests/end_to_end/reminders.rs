//! `send-reminders`, killed at every step, with a separate database and queue.

use std::{
    collections::BTreeSet,
    future::poll_fn,
    pin::pin,
    task::Poll,
    time::{Duration, SystemTime},
};

use chrono::{TimeDelta, Utc};
use serde_json::Value;
use shared::{
    db::{self, PgPool, outbox::Topic},
    queue::Queues,
};
use sqlx::postgres::PgConnectOptions;
use taskbell_schedule::{relay_outbox::RelayOutbox, send_reminders::SendReminders};

use crate::relay::{NEVER, a_minute_passes, own_queue, received};

/// A user with eleven deadlines tomorrow: more than the queue accepts in one call.
const DEADLINES: &str = "
    INSERT INTO users (id, email, name, password_hash) VALUES (md5('u')::uuid, 'u@example.com', 'User', '');
    INSERT INTO projects (id, key, name, owner_id) VALUES (md5('p')::uuid, 'P', 'Project', md5('u')::uuid);
    INSERT INTO tasks (id, project_id, number, title, due_at, created_by)
    SELECT md5('t' || n)::uuid, md5('p')::uuid, n, 'Task', now() + interval '1 day', md5('u')::uuid FROM generate_series(1, 11) n;
    INSERT INTO reminders (task_id, user_id, due_at) SELECT id, created_by, due_at FROM tasks";
const COUNT: usize = 11;

/// The application name in Postgres of the runs that are killed.
const DYING: &str = "send-reminders that dies";

/// Resets the data: nobody has been reminded yet, and all reminders are due.
const AGAIN: &str = "DELETE FROM outbox; UPDATE reminders SET fire_at = now()";

/// Runs `work` until it has had to wait `at` times, and then drops it, as if its process had been killed. Returns
/// `None` then, or the result of `work` if it ends before.
async fn killed<T>(at: u32, work: impl Future<Output = T>) -> Option<T> {
    let mut work = pin!(work);
    let mut waits = 0;
    poll_fn(|context| match work.as_mut().poll(context) {
        Poll::Ready(answer) => Poll::Ready(Some(answer)),
        Poll::Pending => {
            waits += 1;
            if waits == at { Poll::Ready(None) } else { Poll::Pending }
        }
    })
    .await
}

async fn count(db: &PgPool, what: &str) -> usize {
    let count = sqlx::query_scalar::<_, i64>(sqlx::AssertSqlSafe(format!("SELECT count(*) FROM {what}")));
    count.fetch_one(db).await.unwrap().try_into().unwrap()
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn a_run_that_is_killed_at_any_step_neither_loses_nor_repeats_reminders(db: PgPool) {
    sqlx::raw_sql(DEADLINES).execute(&db).await.unwrap();
    let sqs = aws_sdk_sqs::Client::new(&shared::aws::config());
    let queue = own_queue(&sqs).await;
    let queues = || Queues::new([(Topic::Events, queue.clone())]);
    let (again, relay) =
        (SendReminders::new(db.clone().into(), queues()), RelayOutbox::new(db.clone().into(), queues(), NEVER));
    let (now, deadline) = (Utc::now() + TimeDelta::minutes(5), SystemTime::now() + Duration::from_mins(5));
    let steps = ["before the commit", "committed, and not sent", "sent", "to the end"];
    let (mut seen, mut at) = (BTreeSet::new(), 1);
    while !seen.contains("to the end") {
        sqlx::raw_sql(AGAIN).execute(&db).await.unwrap();
        let options = PgConnectOptions::clone(&db.connect_options()).application_name(DYING);
        let pool = db::pool(options, 1);
        // Connects before the run: to prove that it knows the password, a client computes for a while, and waits
        // hundreds of times.
        drop(pool.acquire().await.unwrap());
        let job = SendReminders::new(pool.clone().into(), queues());
        let ended = killed(at, job.run(now, deadline)).await;
        pool.close().await;
        // Postgres rolls back what was not committed when it notices that the connection is closed.
        while count(&db, &format!("pg_stat_activity WHERE application_name = '{DYING}'")).await > 0 {}
        let (written, left) = (count(&db, "outbox").await, count(&db, "reminders WHERE fire_at <= now()").await);
        assert!([(0, COUNT), (COUNT, 0)].contains(&(written, left)), "killed at {at}: {written} written, {left} left");
        let mut messages = received(&sqs, &queue).await;
        seen.insert(match (&ended, left, messages.len()) {
            (Some(_), ..) => "to the end",
            (None, 1.., _) => "before the commit",
            (None, 0, ..COUNT) => "committed, and not sent",
            (None, 0, _) => "sent",
        });

        // The job runs again, and the relay sends the messages that were left behind.
        assert_eq!(again.run(now, deadline).await.unwrap(), left);
        let told = "(SELECT DISTINCT payload->'task_id' FROM outbox WHERE payload->>'event' = 'reminder') t";
        assert_eq!((count(&db, told).await, count(&db, "outbox").await), (COUNT, COUNT), "killed at {at}");
        a_minute_passes(&db).await;
        relay.run(deadline).await.unwrap();
        assert_eq!(count(&db, "outbox WHERE sent_at IS NULL").await, 0, "killed at {at}");
        // A message may be sent twice. It contains the id of a row, which is handled once.
        let rows: BTreeSet<String> =
            sqlx::query_scalar("SELECT id::text FROM outbox").fetch_all(&db).await.unwrap().into_iter().collect();
        messages.extend(received(&sqs, &queue).await);
        let sent: BTreeSet<String> = messages.iter().map(|body| row_of(body)).collect();
        assert!(rows.is_subset(&sent), "killed at {at}");
        at += 1;
    }
    assert_eq!(seen, BTreeSet::from(steps));
}

fn row_of(message: &str) -> String {
    serde_json::from_str::<Value>(message).unwrap()["id"].as_str().unwrap().to_owned()
}

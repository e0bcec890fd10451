//! Every changing operation concurrently with every other, on the same data. Afterwards the invariants must hold.
//!
//! The order is deterministic: the test holds a lock that stops the first request, lets the second run until it
//! completes or waits, too, and only then releases the lock. A new operation is one line in `operations.rs`; a new
//! invariant is one line in `tests/src/invariants.rs`.

mod accounts;
mod operations;
mod world;

use std::{sync::Arc, time::Duration};

use shared::db::{self, PgConnection, PgPool};
use sqlx::{AssertSqlSafe, postgres::PgConnectOptions};
use tokio::task::JoinHandle;

use self::{
    operations::{OPERATIONS, Operation},
    world::{People, World},
};
use crate::support::App;

/// Requests that wait longer than this are in a deadlock, which Postgres does not break during the test.
const FOREVER: Duration = Duration::from_secs(30);

/// Terminates the connections that wait for a lock.
const END_WAITING: &str = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                           WHERE datname = current_database() AND wait_event_type = 'Lock'";

/// Where requests are stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Gate {
    /// At the rows of the projects, before anything is written.
    Door,
    /// At the first row that the first request writes for its caller: the second runs while the first is half done.
    First,
    /// At the history of tasks: both are almost done.
    Both,
}

/// The two sides of a pair. Each has its own people where that matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    First,
    Second,
}

impl Gate {
    /// Stops requests until the transaction of `conn` ends.
    async fn close(self, conn: &mut PgConnection, world: &World, first: &Operation) {
        let lock = match self {
            Self::Door => {
                format!(
                    "SELECT FROM projects WHERE id IN ('{}', '{}', '{}', '{}', '{}') ORDER BY id FOR UPDATE",
                    world.here, world.there, world.gone, world.empty, world.people.inbox
                )
            }
            Self::First => format!("SELECT FROM users WHERE id = '{}' FOR UPDATE", first.caller(world, Side::First).id),
            Self::Both => "LOCK TABLE activity IN SHARE MODE".to_owned(),
        };
        sqlx::query(AssertSqlSafe(lock)).execute(conn).await.unwrap();
    }
}

/// Waits until the request is answered, or until so many connections wait for a lock.
async fn settled(db: &PgPool, request: &JoinHandle<u16>, waiting: i64) {
    let count = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
    while !request.is_finished() && sqlx::query_scalar::<_, i64>(count).fetch_one(db).await.unwrap() < waiting {
        // Asking without a pause would take the processor from the requests.
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

/// Runs two operations concurrently and checks the invariants. Returns what is wrong.
async fn pair(
    app: &Arc<App>,
    people: &Arc<People>,
    gate: Gate,
    first: &'static Operation,
    second: &'static Operation,
) -> Vec<String> {
    let world = Arc::new(World::new(app, people).await);
    let mut stop = app.db.begin().await.unwrap();
    gate.close(&mut stop, &world, first).await;
    let one = tokio::spawn(first.run(Arc::clone(&world), Side::First));
    settled(&app.db, &one, 1).await;
    let before = i64::from(!one.is_finished());
    let two = tokio::spawn(second.run(Arc::clone(&world), Side::Second));
    settled(&app.db, &two, before + 1).await;
    stop.rollback().await.unwrap();
    let both = async { (one.await.unwrap(), two.await.unwrap()) };
    tokio::pin!(both);
    let (statuses, mut wrong) = if let Ok(statuses) = tokio::time::timeout(FOREVER, &mut both).await {
        (statuses, world.broken().await)
    } else {
        sqlx::query(END_WAITING).execute(&app.db).await.unwrap();
        (both.await, vec!["they wait for each other".to_owned()])
    };
    if statuses.0 >= 500 || statuses.1 >= 500 {
        wrong.push("a fault of ours".to_owned());
    }
    wrong.iter().map(|wrong| format!("{} × {}, answered {statuses:?}: {wrong}", first.name, second.name)).collect()
}

/// Runs every pair. The order of the two matters only if one is stopped in the middle and the other is not.
async fn every_pair(db: &PgPool, gate: Gate) {
    // A deadlock must show, and not be broken after a second.
    let options = PgConnectOptions::clone(&db.connect_options()).options([("deadlock_timeout", "1h")]);
    let app = Arc::new(App::with(db, |parts| parts.db = db::pool(options, 4).into()));
    let people = Arc::new(People::new(&app).await);
    let mut wrong = Vec::new();
    for (place, first) in OPERATIONS.iter().enumerate() {
        for (other, second) in OPERATIONS.iter().enumerate().skip(if gate == Gate::First { 0 } else { place }) {
            let (first, second) = if (place + other).is_multiple_of(2) { (first, second) } else { (second, first) };
            wrong.extend(pair(&app, &people, gate, first, second).await);
        }
    }
    assert!(wrong.is_empty(), "{gate:?}: {} are wrong\n{}", wrong.len(), wrong.join("\n"));
}

/// An operation that always fails would test nothing in a pair.
#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn single_operations_succeed_and_keep_invariants(db: PgPool) {
    let app = Arc::new(App::new(&db));
    let people = Arc::new(People::new(&app).await);
    let mut wrong = Vec::new();
    for operation in &OPERATIONS {
        let world = Arc::new(World::new(&app, &people).await);
        let before = world.broken().await;
        let status = operation.run(Arc::clone(&world), Side::First).await;
        let after = world.broken().await;
        if status >= 300 || !before.is_empty() || !after.is_empty() {
            wrong.push(format!("{} answered {status}; before: {before:?}, after: {after:?}", operation.name));
        }
    }
    assert!(wrong.is_empty(), "{} are wrong\n{}", wrong.len(), wrong.join("\n"));
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn concurrent_operations_keep_invariants_when_both_wait_at_the_start(db: PgPool) {
    every_pair(&db, Gate::Door).await;
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn concurrent_operations_keep_invariants_when_one_is_half_done(db: PgPool) {
    every_pair(&db, Gate::First).await;
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn concurrent_operations_keep_invariants_when_both_are_almost_done(db: PgPool) {
    every_pair(&db, Gate::Both).await;
}

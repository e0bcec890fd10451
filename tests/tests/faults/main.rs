//! Users work while parts of the system fail at random moments. Afterwards a checker compares the history of operations
//! with the state of the system: nothing is lost, and nothing happened twice. docs/reliability.md explains the results,
//! and how to run this.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod checker;
mod client;
mod load;
mod nemesis;
mod plan;
mod queues;
mod run;
mod sockets;

use std::{
    io::Write as _,
    str::FromStr,
    sync::{Arc, atomic::Ordering},
    time::{Duration, Instant},
};

use shared::db::{self, PgPool};
use taskbell_tests::support::variable;
use tokio::task::JoinSet;

use crate::{
    checker::{Checker, Emails},
    load::Team,
    nemesis::Nemesis,
    plan::Plan,
    queues::Queues,
    run::Run,
    sockets::{Listener, Received},
};

/// How many of the users also listen on a WebSocket.
const LISTENERS: usize = 6;
/// How long the system may take to settle after the last fault. The relay resends unconfirmed messages with a delay
/// that doubles each time.
const SETTLING: Duration = Duration::from_mins(12);

#[tokio::test]
async fn faults_neither_lose_nor_duplicate_anything() {
    let seed = setting("FAULT_SEED").unwrap_or_else(|| rand::random::<u32>().into());
    let plan = Plan::new(seed, Duration::from_secs(setting("FAULT_SECONDS").unwrap_or(120)));
    say(&plan);
    let db = db::pool(variable("DATABASE_URL").parse().unwrap(), 4);
    let (run, queues) = (Arc::new(Run::new()), Arc::new(Queues::new()));
    queues.purge().await;
    queues.shorten_visibility().await;
    let team = Arc::new(Team::set_up().await);
    Arc::clone(&team).perform_each_operation_once(seed, &run).await;

    let (mut workers, mut listeners) = (JoinSet::new(), JoinSet::new());
    for place in 0..team.people.len() {
        workers.spawn(Arc::clone(&team).work(place, seed, Arc::clone(&run)));
    }
    for (place, person) in (0..).zip(&team.people[..LISTENERS]) {
        listeners.spawn(Listener::new(person.clone(), team.followed(), seed, place, Arc::clone(&run)).listen());
    }
    workers.spawn(Arc::clone(&team).own(seed, Arc::clone(&run)));
    Arc::new(Nemesis::new(Arc::clone(&run), db.clone(), Arc::clone(&queues))).run(&plan).await;
    run.over.store(true, Ordering::SeqCst);
    workers.join_all().await;
    let mut listeners = listeners.join_all().await;
    say(&"All parts are back, and the load has stopped. Waiting until nothing is left to do.\n");

    let settled = settle(&run, &db, &queues).await;
    for listener in &mut listeners {
        listener.catch_up().await;
    }
    let received: Vec<Received> = listeners.into_iter().map(|listener| listener.received).collect();
    let checker = Checker::check(&run, &team, &db, &queues, &received, seed).await;
    let undetected = Checker::undetected_mutations(&run, &team, &db, &Emails::read(), &received).await;
    say(&run.table());
    say(&format!("settled after {:.0} s; {} errors\n", settled.as_secs_f64(), checker.wrong.len()));
    assert!(checker.wrong.is_empty(), "seed {seed}:\n{}", checker.wrong.join("\n"));
    assert!(undetected.is_empty(), "seed {seed}:\n{}", undetected.join("\n"));
}

/// Waits until no outbox row is open, the queues are empty, and the poison is in the dead-letter queues. After the time
/// limit the checker reports what is left.
async fn settle(run: &Run, db: &PgPool, queues: &Queues) -> Duration {
    let begun = Instant::now();
    let emulator_stops = run.emulator_stops.load(Ordering::SeqCst);
    let poison = run.poison.lock().unwrap().iter().filter(|one| one.emulator_stops == emulator_stops).count();
    let open = "SELECT count(*) FROM outbox WHERE created_at >= $1 AND handled_at IS NULL";
    while begun.elapsed() < SETTLING {
        let open: i64 = sqlx::query_scalar(open).bind(run.begun).fetch_one(db).await.unwrap();
        if open == 0 && queues.left().await.unwrap() == 0 && queues.dead_count().await.unwrap() >= poison {
            break;
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    begun.elapsed()
}

/// Prints, even if the test's output is captured.
fn say(what: &impl ToString) {
    std::io::stderr().write_all(what.to_string().as_bytes()).unwrap();
}

/// Returns a variable that `make faults` may set.
fn setting<T: FromStr>(name: &str) -> Option<T> {
    #[expect(clippy::disallowed_methods, reason = "the tests' own configuration")]
    let value = std::env::var(name).ok().filter(|value| !value.is_empty())?;
    Some(value.parse().unwrap_or_else(|_| panic!("{name} is no number: {value}")))
}

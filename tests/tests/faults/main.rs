//! Many people work while parts of the system die at random moments. Afterwards the books are balanced: nothing is lost, and nothing
//! came twice. docs/reliability.md says what this shows, and how to run it.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod books;
mod client;
mod havoc;
mod load;
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
    books::{Books, Mails},
    havoc::Havoc,
    load::Team,
    plan::Plan,
    queues::Queues,
    run::Run,
    sockets::{Heard, Listener},
};

/// How many of the people also listen on a WebSocket.
const LISTENERS: usize = 6;
/// How long the system may take, once everything is back, until nothing is left to do. The relay sends again what its consumer has
/// not confirmed, each time after twice as long.
const SETTLING: Duration = Duration::from_mins(12);

#[tokio::test]
async fn whatever_dies_nothing_is_lost_and_nothing_comes_twice() {
    let seed = setting("FAULT_SEED").unwrap_or_else(|| rand::random::<u32>().into());
    let plan = Plan::new(seed, Duration::from_secs(setting("FAULT_SECONDS").unwrap_or(120)));
    say(&plan);
    let db = db::pool(variable("DATABASE_URL").parse().unwrap(), 4);
    let (run, queues) = (Arc::new(Run::new()), Arc::new(Queues::new()));
    queues.purge().await;
    queues.quicken().await;
    let team = Arc::new(Team::set_up().await);
    Arc::clone(&team).do_each_thing_once(seed, &run).await;

    let (mut workers, mut ears) = (JoinSet::new(), JoinSet::new());
    for place in 0..team.people.len() {
        workers.spawn(Arc::clone(&team).work(place, seed, Arc::clone(&run)));
    }
    for (place, person) in (0..).zip(&team.people[..LISTENERS]) {
        ears.spawn(Listener::new(person.clone(), seed, place, Arc::clone(&run)).listen());
    }
    workers.spawn(Arc::clone(&team).own(seed, Arc::clone(&run)));
    Arc::new(Havoc::new(Arc::clone(&run), db.clone(), Arc::clone(&queues))).wreak(&plan).await;
    run.over.store(true, Ordering::SeqCst);
    workers.join_all().await;
    let mut listeners = ears.join_all().await;
    say(&"Everything is back, and nobody works any more. Waiting until nothing is left to do.\n");

    let settled = settle(&run, &db, &queues).await;
    for listener in &mut listeners {
        listener.catch_up().await;
    }
    let heard: Vec<Heard> = listeners.into_iter().map(|listener| listener.heard).collect();
    let books = Books::balance(&run, &team, &db, &queues, &heard, seed).await;
    let unnoticed = Books::forgeries_unnoticed(&run, &team, &db, &Mails::read(), &heard).await;
    say(&run.table());
    say(&format!("settled after {:.0} s; {} things are wrong\n", settled.as_secs_f64(), books.wrong.len()));
    assert!(books.wrong.is_empty(), "seed {seed}:\n{}", books.wrong.join("\n"));
    assert!(unnoticed.is_empty(), "seed {seed}:\n{}", unnoticed.join("\n"));
}

/// Waits until no row of the outbox is left, the queues are empty, and the poison is among the dead letters. What is still left when
/// the time is over, the books will say.
async fn settle(run: &Run, db: &PgPool, queues: &Queues) -> Duration {
    let begun = Instant::now();
    let life = run.lives.load(Ordering::SeqCst);
    let poison = run.poison.lock().unwrap().iter().filter(|one| one.life == life).count();
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

/// Prints, also when the test's output is captured.
fn say(what: &impl ToString) {
    std::io::stderr().write_all(what.to_string().as_bytes()).unwrap();
}

/// A variable that `make faults` may set.
fn setting<T: FromStr>(name: &str) -> Option<T> {
    #[expect(clippy::disallowed_methods, reason = "the tests' own configuration")]
    let value = std::env::var(name).ok().filter(|value| !value.is_empty())?;
    Some(value.parse().unwrap_or_else(|_| panic!("{name} is no number: {value}")))
}

//! `shared::db::Tx`: what was written to the outbox is sent after the commit, and never without it.

use std::sync::Mutex;

use futures_util::FutureExt;
use shared::{
    db::{Database, PgPool, Tx, locks, outbox},
    domain::event::Event,
    queue::Queues,
};
use sqlx::Executor;
use uuid::Uuid;

use crate::support::own_pool;

/// Writes an event and returns the id of its message.
async fn write(tx: &mut Tx) -> shared::Result<Uuid> {
    outbox::add_event(tx, &Event::SessionsEnded { user_id: Uuid::now_v7() }).await?;
    Ok(tx.enqueued().last().unwrap().id)
}

async fn written(db: &PgPool) -> Vec<Uuid> {
    sqlx::query_scalar("SELECT id FROM outbox ORDER BY id").fetch_all(db).await.unwrap()
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn a_call_that_runs_again_after_a_deadlock_carries_what_it_wrote_itself_and_no_more(db: PgPool) {
    let (database, attempts) = (Database::from(db.clone()), Mutex::new(Vec::new()));
    let change = locks::retrying(async || {
        let mut tx = database.begin().await?;
        let id = write(&mut tx).await?;
        let carried: Vec<Uuid> = tx.enqueued().iter().map(|message| message.id).collect();
        assert_eq!(carried, [id], "it carries what it is about to send");
        let attempt = {
            let mut attempts = attempts.lock().unwrap();
            attempts.push(id);
            attempts.len()
        };
        if attempt == 1 {
            tx.execute("DO $$ BEGIN RAISE 'deadlock detected' USING ERRCODE = '40P01'; END $$").await?;
        }
        tx.commit(&Queues::none()).await
    });
    change.await.unwrap();
    let attempts = attempts.into_inner().unwrap();
    assert_eq!((attempts.len(), written(&db).await), (2, attempts[1..].to_vec()));
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn what_is_dropped_before_its_commit_is_rolled_back(db: PgPool) {
    let own = own_pool(&db);
    let database = Database::from(own.clone()).keeping();
    let mut tx = database.begin().await.unwrap();
    write(&mut tx).await.unwrap();
    drop(tx);
    drop(own.acquire().await.unwrap()); // The one connection, which comes back after its ROLLBACK.
    assert!(written(&db).await.is_empty());

    // A single statement is a transaction by itself, until one is begun.
    let mut tx = database.statement().await.unwrap();
    let first = write(&mut tx).await.unwrap();
    assert_eq!(written(&db).await, [first]);
    tx.begin().await.unwrap();
    tx.begin().await.unwrap(); // It stays one.
    let second = write(&mut tx).await.unwrap();
    assert_eq!(written(&db).await, [first]);
    tx.commit(&Queues::none()).await.unwrap();
    assert_eq!(written(&db).await, [first, second]);
}

/// sqlx takes it for one that is in no transaction (transact-rs/sqlx#4385), and what is written with it next would be
/// lost.
#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn a_connection_that_was_dropped_while_it_began_is_not_used_again(db: PgPool) {
    let database = Database::from(own_pool(&db)).keeping();
    let mut tx = database.statement().await.unwrap();
    _ = tx.begin().now_or_never(); // `BEGIN` is sent, and its reply is not there yet.
    drop(tx);
    let mut tx = database.statement().await.unwrap();
    let id = write(&mut tx).await.unwrap();
    tx.commit(&Queues::none()).await.unwrap();
    assert_eq!(written(&db).await, [id]);
}

//! `shared::db::Tx`: messages in the outbox are sent after the commit, and never without it.

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

/// Writes an event. Returns the id of its message.
async fn write(tx: &mut Tx) -> shared::Result<Uuid> {
    outbox::add_event(tx, &Event::SessionsEnded { user_id: Uuid::now_v7() }).await?;
    Ok(tx.enqueued().last().unwrap().id)
}

async fn written(db: &PgPool) -> Vec<Uuid> {
    sqlx::query_scalar("SELECT id FROM outbox ORDER BY id").fetch_all(db).await.unwrap()
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn a_retry_after_a_deadlock_sends_only_its_own_messages(db: PgPool) {
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
async fn a_transaction_dropped_before_its_commit_is_rolled_back(db: PgPool) {
    let own = own_pool(&db);
    let database = Database::from(own.clone()).keeping();
    let mut tx = database.begin().await.unwrap();
    write(&mut tx).await.unwrap();
    drop(tx);
    drop(own.acquire().await.unwrap()); // The only connection, which is free again after the rollback.
    assert!(written(&db).await.is_empty());

    // A single statement is its own transaction, until one is begun.
    let mut tx = database.statement().await.unwrap();
    let first = write(&mut tx).await.unwrap();
    assert_eq!(written(&db).await, [first]);
    tx.begin().await.unwrap();
    tx.begin().await.unwrap(); // This has no effect.
    let second = write(&mut tx).await.unwrap();
    assert_eq!(written(&db).await, [first]);
    tx.commit(&Queues::none()).await.unwrap();
    assert_eq!(written(&db).await, [first, second]);
}

/// sqlx assumes that it is not in a transaction (transact-rs/sqlx#4385), and the next writes would be lost.
#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn a_connection_dropped_during_begin_is_not_reused(db: PgPool) {
    let database = Database::from(own_pool(&db)).keeping();
    let mut tx = database.statement().await.unwrap();
    _ = tx.begin().now_or_never(); // `BEGIN` is sent, and its reply has not arrived.
    drop(tx);
    let mut tx = database.statement().await.unwrap();
    let id = write(&mut tx).await.unwrap();
    tx.commit(&Queues::none()).await.unwrap();
    assert_eq!(written(&db).await, [id]);
}

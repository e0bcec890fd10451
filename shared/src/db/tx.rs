//! The transaction, with the messages that it adds to the outbox.

use std::ops::{Deref, DerefMut};

use futures_util::{FutureExt, future::BoxFuture};
use sqlx::PgConnection;

use crate::{
    Result,
    queue::{Message, Queues},
};

/// A borrowed connection. A trait object, so that the code that drops it is compiled here.
pub(super) trait Lease: Send + Sync {
    fn connection(&self) -> &PgConnection;
    fn connection_mut(&mut self) -> &mut PgConnection;
    /// Begins a transaction, unless one is open.
    fn begin(&mut self) -> BoxFuture<'_, Result<()>>;
    /// Commits the transaction, if one is open.
    fn commit(&mut self) -> BoxFuture<'_, Result<()>>;
}

/// A transaction, or a single statement, which is a transaction by itself: see [`Database`](super::Database). It is
/// rolled back when it is dropped before its commit.
///
/// A function that takes a `Tx` writes to the outbox; one that takes a [`PgConnection`] does not.
pub struct Tx {
    lease: Box<dyn Lease>,
    enqueued: Vec<Message>,
}

impl Tx {
    pub(super) fn new(lease: Box<dyn Lease>) -> Self {
        Self { lease, enqueued: Vec::new() }
    }

    /// Turns what was begun as a single statement into a transaction. Has no effect on a transaction.
    ///
    /// If this fails, or is dropped before it is ready, the connection is closed.
    pub fn begin(&mut self) -> BoxFuture<'_, Result<()>> {
        self.lease.begin()
    }

    /// Records messages that were added to the outbox, to be sent after the commit.
    pub(super) fn enqueue(&mut self, messages: impl IntoIterator<Item = Message>) {
        self.enqueued.extend(messages);
    }

    /// Returns the messages that were added to the outbox so far.
    pub fn enqueued(&self) -> &[Message] {
        &self.enqueued
    }

    /// Commits, and then sends the messages. This is the only way to commit.
    ///
    /// The relay sends later what cannot be sent now: the change has happened, so that is not an error.
    pub fn commit(self, queues: &Queues) -> BoxFuture<'_, Result<()>> {
        let Self { mut lease, enqueued } = self;
        async move {
            lease.commit().await?;
            drop(lease); // Others that wait for the connection do not wait for the queue.
            queues.dispatch(enqueued).await;
            Ok(())
        }
        .boxed()
    }
}

impl Deref for Tx {
    type Target = PgConnection;

    fn deref(&self) -> &PgConnection {
        self.lease.connection()
    }
}

impl DerefMut for Tx {
    fn deref_mut(&mut self) -> &mut PgConnection {
        self.lease.connection_mut()
    }
}

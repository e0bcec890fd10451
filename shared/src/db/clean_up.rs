//! Deletes what nobody needs any more, for the job `clean-up`.
//!
//! One statement a batch, which is a transaction of its own. It locks what it is about to delete, leaves what others have in hand, and
//! asks again under the lock whether it is as old: what was restored meanwhile stays. The ids go through an array, so that they are looked
//! up by index however many Postgres expects.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use crate::Result;

/// What grows old.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Waste {
    /// Links of mails that have expired.
    OneTimeTokens,
    /// Answers to requests that may no longer be repeated.
    IdempotencyKeys,
    /// Counts of attempts at passwords that begin anew.
    Attempts,
    /// Sources that nobody logged in from for so long.
    KnownSources,
    /// Outbox messages, a week after their consumer was done. One that comes again finds no row, and nobody does anything.
    Outbox,
    /// Notifications that were read, half a year after they were told. `inboxes` stays as it is: `unread_count` does not count them, and
    /// `last_seq` goes on from where it was, so that no number is given twice.
    Notifications,
    /// Mails, three months after they were sent or refused. What they told of forgets that there was a mail.
    Emails,
    /// Refresh tokens that were spent a month ago: unspent, they would not be good any more either.
    RefreshTokens,
    /// Sessions that ended or expired a month ago, with their refresh tokens.
    Sessions,
    /// Tasks in the trash that can no longer be restored, with their comments, activity and watchers.
    Tasks,
    /// Projects in the trash that can no longer be restored, when their tasks are gone.
    Projects,
}

impl Waste {
    /// All of it, in the order in which it goes: what is quick before what takes others along.
    pub const ALL: [Self; 11] = [
        Self::OneTimeTokens,
        Self::IdempotencyKeys,
        Self::Attempts,
        Self::KnownSources,
        Self::Outbox,
        Self::Notifications,
        Self::Emails,
        Self::RefreshTokens,
        Self::Sessions,
        Self::Tasks,
        Self::Projects,
    ];

    /// Its table.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::OneTimeTokens => "one_time_tokens",
            Self::IdempotencyKeys => "idempotency_keys",
            Self::Attempts => "attempts",
            Self::KnownSources => "known_sources",
            Self::Outbox => "outbox",
            Self::Notifications => "notifications",
            Self::Emails => "emails",
            Self::RefreshTokens => "refresh_tokens",
            Self::Sessions => "sessions",
            Self::Tasks => "tasks",
            Self::Projects => "projects",
        }
    }

    /// How many go at once. Those that take others along are few, so that no lock is held for long.
    pub fn batch(self) -> u32 {
        match self {
            Self::Sessions | Self::Projects => 50,
            Self::Tasks => 100,
            _ => 500,
        }
    }
}

/// Deletes a batch of what is old at `now`, and answers how many rows that were. Fewer than a batch: there is nothing more.
pub async fn delete(conn: &mut PgConnection, waste: Waste, now: DateTime<Utc>) -> Result<u64> {
    let limit = i64::from(waste.batch());
    let query = match waste {
        Waste::OneTimeTokens => sqlx::query!(
            "DELETE FROM one_time_tokens WHERE hash = ANY (ARRAY (
                 SELECT hash FROM one_time_tokens WHERE expires_at < $1 ORDER BY expires_at LIMIT $2 FOR UPDATE SKIP LOCKED))",
            now,
            limit,
        ),
        Waste::IdempotencyKeys => sqlx::query!(
            "DELETE FROM idempotency_keys WHERE ctid = ANY (ARRAY (
                 SELECT ctid FROM idempotency_keys WHERE created_at < $1::timestamptz - interval '24 hours'
                 ORDER BY created_at LIMIT $2 FOR UPDATE SKIP LOCKED))",
            now,
            limit,
        ),
        Waste::Attempts => sqlx::query!(
            "DELETE FROM attempts WHERE ctid = ANY (ARRAY (
                 SELECT ctid FROM attempts WHERE ends_at < $1 ORDER BY ends_at LIMIT $2 FOR UPDATE SKIP LOCKED))",
            now,
            limit,
        ),
        Waste::KnownSources => sqlx::query!(
            "DELETE FROM known_sources WHERE ctid = ANY (ARRAY (
                 SELECT ctid FROM known_sources WHERE known_until < $1 ORDER BY known_until LIMIT $2 FOR UPDATE SKIP LOCKED))",
            now,
            limit,
        ),
        Waste::Outbox => sqlx::query!(
            "DELETE FROM outbox WHERE id = ANY (ARRAY (
                 SELECT id FROM outbox WHERE handled_at < $1::timestamptz - interval '7 days'
                 ORDER BY handled_at LIMIT $2 FOR UPDATE SKIP LOCKED))",
            now,
            limit,
        ),
        Waste::Notifications => sqlx::query!(
            "DELETE FROM notifications WHERE id = ANY (ARRAY (
                 SELECT id FROM notifications WHERE read_at IS NOT NULL AND created_at < $1::timestamptz - interval '180 days'
                 ORDER BY created_at LIMIT $2 FOR UPDATE SKIP LOCKED))",
            now,
            limit,
        ),
        Waste::Emails => sqlx::query!(
            "DELETE FROM emails WHERE id = ANY (ARRAY (
                 SELECT id FROM emails WHERE COALESCE(sent_at, failed_at) < $1::timestamptz - interval '90 days'
                 ORDER BY COALESCE(sent_at, failed_at) LIMIT $2 FOR UPDATE SKIP LOCKED))",
            now,
            limit,
        ),
        // As long as a session lasts without a refresh: `sessions::DAYS`.
        Waste::RefreshTokens => sqlx::query!(
            "DELETE FROM refresh_tokens WHERE hash = ANY (ARRAY (
                 SELECT hash FROM refresh_tokens WHERE spent_at < $1::timestamptz - interval '30 days'
                 ORDER BY spent_at LIMIT $2 FOR UPDATE SKIP LOCKED))",
            now,
            limit,
        ),
        Waste::Sessions => sqlx::query!(
            "DELETE FROM sessions WHERE id = ANY (ARRAY (
                 SELECT id FROM sessions WHERE LEAST(revoked_at, expires_at) < $1::timestamptz - interval '30 days'
                 ORDER BY LEAST(revoked_at, expires_at) LIMIT $2 FOR UPDATE SKIP LOCKED))",
            now,
            limit,
        ),
        // An hour later than they can be restored: who began in time has ended. It takes subtasks along, or leaves them without a parent:
        // it holds their projects alone, like every change of a tree.
        Waste::Tasks => sqlx::query!(
            "WITH old AS (
                 SELECT id, project_id FROM tasks WHERE deleted_at < $1::timestamptz - interval '30 days 1 hour'
                 ORDER BY deleted_at, id DESC LIMIT $2),
             place AS (
                 SELECT id FROM projects WHERE id IN (SELECT project_id FROM old) ORDER BY id FOR UPDATE)
             DELETE FROM tasks WHERE id = ANY (ARRAY (
                 SELECT id FROM tasks
                 WHERE id = ANY (ARRAY (SELECT old.id FROM old JOIN place ON place.id = old.project_id))
                   AND deleted_at < $1::timestamptz - interval '30 days 1 hour' FOR UPDATE SKIP LOCKED))",
            now,
            limit,
        ),
        Waste::Projects => sqlx::query!(
            "DELETE FROM projects WHERE id = ANY (ARRAY (
                 SELECT id FROM projects p
                 WHERE deleted_at < $1::timestamptz - interval '30 days 1 hour'
                   AND NOT EXISTS (SELECT 1 FROM tasks t WHERE t.project_id = p.id)
                 ORDER BY deleted_at LIMIT $2 FOR UPDATE SKIP LOCKED))",
            now,
            limit,
        ),
    };
    Ok(query.execute(conn).await?.rows_affected())
}

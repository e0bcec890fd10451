//! Deletes expired data, for the job `clean-up`.
//!
//! Each batch is one statement and one transaction. It locks the rows that it is about to delete, skips rows that
//! others have locked, and checks the age again under the lock: what has been restored stays. The ids are passed in an
//! array, so that Postgres looks them up by index however many it expects.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use crate::Result;

/// The kinds of data that expire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expired {
    /// Links in e-mails that have expired.
    OneTimeTokens,
    /// Responses to requests that may no longer be repeated.
    IdempotencyKeys,
    /// Counts of attempts at passwords that have been reset.
    Attempts,
    /// Sources without a log-in for as long as they are known.
    KnownSources,
    /// Outbox messages, a week after their consumer handled them. A message that is delivered later finds no row, and
    /// is skipped.
    Outbox,
    /// Notifications that were read and are not snoozed, half a year after they were created. `inboxes` stays as it is: `unread_count`
    /// does not count them, and `last_seq` continues, so that no number is used twice.
    Notifications,
    /// E-mails, three months after they were sent or refused. Their notifications lose the reference to them.
    Emails,
    /// Changes in the feeds of projects, a month after they were committed. Their numbers continue.
    ProjectChanges,
    /// Refresh tokens that were used a month ago: unused, they would have expired, too.
    RefreshTokens,
    /// Sessions that ended or expired a month ago, with their refresh tokens.
    Sessions,
    /// Tasks in the trash that can no longer be restored, with their comments, activity and watchers.
    Tasks,
    /// Projects in the trash that can no longer be restored, once their tasks are deleted.
    Projects,
}

impl Expired {
    /// All kinds, in the order in which they are deleted: quick ones first, those that cascade last.
    pub const ALL: [Self; 12] = [
        Self::OneTimeTokens,
        Self::IdempotencyKeys,
        Self::Attempts,
        Self::KnownSources,
        Self::Outbox,
        Self::Notifications,
        Self::Emails,
        Self::ProjectChanges,
        Self::RefreshTokens,
        Self::Sessions,
        Self::Tasks,
        Self::Projects,
    ];

    /// Returns the name of the table.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::OneTimeTokens => "one_time_tokens",
            Self::IdempotencyKeys => "idempotency_keys",
            Self::Attempts => "attempts",
            Self::KnownSources => "known_sources",
            Self::Outbox => "outbox",
            Self::Notifications => "notifications",
            Self::Emails => "emails",
            Self::ProjectChanges => "project_changes",
            Self::RefreshTokens => "refresh_tokens",
            Self::Sessions => "sessions",
            Self::Tasks => "tasks",
            Self::Projects => "projects",
        }
    }

    /// Returns the number of rows in a batch. Batches that cascade are small, so that no lock is held for long.
    pub fn batch(self) -> u32 {
        match self {
            Self::Sessions | Self::Projects => 50,
            Self::Tasks => 100,
            _ => 500,
        }
    }
}

/// Deletes a batch of what has expired at `now`, and returns the number of rows. If it is less than
/// [`batch`](Expired::batch), nothing is left.
pub async fn delete(conn: &mut PgConnection, kind: Expired, now: DateTime<Utc>) -> Result<u64> {
    let limit = i64::from(kind.batch());
    let query = match kind {
        Expired::OneTimeTokens => sqlx::query!(
            "DELETE FROM one_time_tokens WHERE hash = ANY (ARRAY (
                 SELECT hash FROM one_time_tokens WHERE expires_at < $1 ORDER BY expires_at LIMIT $2 FOR UPDATE SKIP LOCKED))",
            now,
            limit,
        ),
        Expired::IdempotencyKeys => sqlx::query!(
            "DELETE FROM idempotency_keys WHERE ctid = ANY (ARRAY (
                 SELECT ctid FROM idempotency_keys WHERE created_at < $1::timestamptz - interval '24 hours'
                 ORDER BY created_at LIMIT $2 FOR UPDATE SKIP LOCKED))",
            now,
            limit,
        ),
        Expired::Attempts => sqlx::query!(
            "DELETE FROM attempts WHERE ctid = ANY (ARRAY (
                 SELECT ctid FROM attempts WHERE ends_at < $1 ORDER BY ends_at LIMIT $2 FOR UPDATE SKIP LOCKED))",
            now,
            limit,
        ),
        Expired::KnownSources => sqlx::query!(
            "DELETE FROM known_sources WHERE ctid = ANY (ARRAY (
                 SELECT ctid FROM known_sources WHERE known_until < $1 ORDER BY known_until LIMIT $2 FOR UPDATE SKIP LOCKED))",
            now,
            limit,
        ),
        Expired::Outbox => sqlx::query!(
            "DELETE FROM outbox WHERE id = ANY (ARRAY (
                 SELECT id FROM outbox WHERE handled_at < $1::timestamptz - interval '7 days'
                 ORDER BY handled_at LIMIT $2 FOR UPDATE SKIP LOCKED))",
            now,
            limit,
        ),
        Expired::Notifications => sqlx::query!(
            "DELETE FROM notifications WHERE id = ANY (ARRAY (
                 SELECT id FROM notifications WHERE read_at IS NOT NULL AND snoozed_until IS NULL AND created_at < $1::timestamptz - interval '180 days'
                 ORDER BY created_at LIMIT $2 FOR UPDATE SKIP LOCKED))",
            now,
            limit,
        ),
        Expired::Emails => sqlx::query!(
            "DELETE FROM emails WHERE id = ANY (ARRAY (
                 SELECT id FROM emails WHERE COALESCE(sent_at, failed_at) < $1::timestamptz - interval '90 days'
                 ORDER BY COALESCE(sent_at, failed_at) LIMIT $2 FOR UPDATE SKIP LOCKED))",
            now,
            limit,
        ),
        // Always the first changes of a project: their times grow with their numbers.
        Expired::ProjectChanges => sqlx::query!(
            "DELETE FROM project_changes WHERE ctid = ANY (ARRAY (
                 SELECT ctid FROM project_changes WHERE created_at < $1::timestamptz - interval '30 days'
                 ORDER BY created_at LIMIT $2 FOR UPDATE SKIP LOCKED))",
            now,
            limit,
        ),
        // As long as a session lasts without a refresh: `sessions::DAYS`.
        Expired::RefreshTokens => sqlx::query!(
            "DELETE FROM refresh_tokens WHERE hash = ANY (ARRAY (
                 SELECT hash FROM refresh_tokens WHERE spent_at < $1::timestamptz - interval '30 days'
                 ORDER BY spent_at LIMIT $2 FOR UPDATE SKIP LOCKED))",
            now,
            limit,
        ),
        Expired::Sessions => sqlx::query!(
            "DELETE FROM sessions WHERE id = ANY (ARRAY (
                 SELECT id FROM sessions WHERE LEAST(revoked_at, expires_at) < $1::timestamptz - interval '30 days'
                 ORDER BY LEAST(revoked_at, expires_at) LIMIT $2 FOR UPDATE SKIP LOCKED))",
            now,
            limit,
        ),
        // An hour after the last moment to restore them, when every restore that began in time has ended. Subtasks are
        // deleted too, or lose their parent: the statement holds the projects alone, like every change of a tree.
        Expired::Tasks => sqlx::query!(
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
        Expired::Projects => sqlx::query!(
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

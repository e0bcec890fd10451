//! All SQL, one file for each aggregate, checked at compile time. Functions take a connection, or a [`Tx`] if they
//! write to the outbox: the caller begins and commits transactions.

pub mod attempts;
pub mod clean_up;
pub mod comments;
mod constraints;
mod database;
pub mod emails;
pub mod feed;
pub mod idempotency;
pub mod inboxes;
mod json;
pub mod labels;
pub mod locks;
pub mod members;
pub mod mentions;
pub mod mutes;
pub mod names;
pub mod notifications;
pub mod one_time_tokens;
pub mod outbox;
pub mod page;
pub mod preferences;
mod project_changes;
pub mod project_watchers;
pub mod projects;
pub mod ranks;
pub mod recurrences;
pub mod reminders;
pub mod report_rows;
pub mod report_subscriptions;
pub mod reports;
pub mod sessions;
pub mod summaries;
pub mod task_history;
pub mod task_list;
mod task_ref;
pub mod tasks;
mod trash;
pub mod trees;
mod tx;
pub mod users;
pub mod watchers;

pub use database::{Connection, Database, RESTED, pool, with_statement_timeout};
pub use sqlx::{PgConnection, PgPool};
pub use tx::Tx;

/// The migrations, embedded. Only the `migrate` function runs them.
pub static MIGRATOR: sqlx::migrate::Migrator = sqlx::migrate!();

//! Limits how often a password may be tried. The counts are in the database and not in the cache, because this must
//! not fail open (docs/adr/0027-a-password-is-tried-so-often.md).
//!
//! An attempt is counted before the password is checked: commit the count before the slow hash. So no more concurrent
//! attempts are checked than the limit allows, and no attempt waits for the hash of another. A successful attempt is
//! removed from the count.

use std::time::Duration;

use sqlx::PgConnection;
use uuid::Uuid;

use crate::Result;

/// The limit of attempts at one password from one source, or in one session, in [`MINUTES`].
pub const FROM_ONE_SOURCE: i32 = 10;
const MINUTES: i32 = 15;
/// The limit of attempts at one address from all sources that its owner has not logged in from, in [`MINUTES_OF_ALL`].
pub const FROM_ALL_SOURCES: i32 = 100;
const MINUTES_OF_ALL: i32 = 24 * 60;
/// How long a source is known after a log-in from it, in days.
const KNOWN_DAYS: i32 = 90;

/// Stands for all sources together.
const ALL: &str = "";
const LOG_IN: &str = "log_in";
const CHANGE_PASSWORD: &str = "change_password";

/// Counts an attempt to log in at a normalized address. Returns how long to wait if there were too many: roll back,
/// then.
pub async fn count_log_in(conn: &mut PgConnection, email: &str, source: &str) -> Result<Option<Duration>> {
    if let Some(wait) = count(conn, LOG_IN, email, source, FROM_ONE_SOURCE, MINUTES).await? {
        return Ok(Some(wait));
    }
    let known = sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM known_sources k JOIN users u ON u.id = k.user_id
                          WHERE u.email = $1 AND k.source = $2 AND k.known_until > now()) AS "known!""#,
        email,
        source,
    )
    .fetch_one(&mut *conn)
    .await?;
    if known { Ok(None) } else { count(conn, LOG_IN, email, ALL, FROM_ALL_SOURCES, MINUTES_OF_ALL).await }
}

/// Removes a successful log-in from the count, with the failures from the same source before it, and stores the source
/// as known.
pub async fn forget_log_in(conn: &mut PgConnection, user_id: Uuid, email: &str, source: &str) -> Result<()> {
    sqlx::query!("DELETE FROM attempts WHERE kind = $1 AND who = $2 AND source = $3", LOG_IN, email, source)
        .execute(&mut *conn)
        .await?;
    sqlx::query!(
        "UPDATE attempts SET attempts = attempts - 1
         WHERE kind = $1 AND who = $2 AND source = $3 AND attempts > 0 AND NOT EXISTS (
             SELECT FROM known_sources k WHERE k.user_id = $4 AND k.source = $5 AND k.known_until > now())",
        LOG_IN,
        email,
        ALL,
        user_id,
        source,
    )
    .execute(&mut *conn)
    .await?;
    remember_source(conn, user_id, source).await
}

/// Lets a person log in from a source again after they have shown that the address is theirs: they set a new password
/// with the link in an e-mail.
pub async fn allow_log_in(conn: &mut PgConnection, user_id: Uuid, email: &str, source: &str) -> Result<()> {
    // In the order in which a log-in counts them, so that neither waits for the other.
    for source in [source, ALL] {
        sqlx::query!("DELETE FROM attempts WHERE kind = $1 AND who = $2 AND source = $3", LOG_IN, email, source)
            .execute(&mut *conn)
            .await?;
    }
    remember_source(conn, user_id, source).await
}

/// Counts an attempt to change the password in a session. Returns how long to wait if there were too many: roll back,
/// then.
pub async fn count_password_change(conn: &mut PgConnection, session_id: Uuid) -> Result<Option<Duration>> {
    count(conn, CHANGE_PASSWORD, &session_id.to_string(), ALL, FROM_ONE_SOURCE, MINUTES).await
}

/// Removes a successful change of the password from the count, with the failures in the same session before it.
pub async fn forget_password_change(conn: &mut PgConnection, session_id: Uuid) -> Result<()> {
    sqlx::query!("DELETE FROM attempts WHERE kind = $1 AND who = $2", CHANGE_PASSWORD, session_id.to_string())
        .execute(conn)
        .await?;
    Ok(())
}

/// One statement, which locks the row: concurrent attempts wait, and then see this one. A refused attempt is not
/// counted.
async fn count(
    conn: &mut PgConnection,
    kind: &str,
    who: &str,
    source: &str,
    most: i32,
    minutes: i32,
) -> Result<Option<Duration>> {
    let counted = sqlx::query_scalar!(
        "INSERT INTO attempts AS a (kind, who, source, attempts, ends_at) VALUES ($1, $2, $3, 1, now() + make_interval(mins => $5))
         ON CONFLICT (kind, who, source) DO UPDATE SET
             attempts = CASE WHEN a.ends_at > now() THEN a.attempts + 1 ELSE 1 END,
             ends_at = CASE WHEN a.ends_at > now() THEN a.ends_at ELSE excluded.ends_at END
         WHERE a.attempts < $4 OR a.ends_at <= now()
         RETURNING attempts",
        kind,
        who,
        source,
        most,
        minutes,
    )
    .fetch_optional(&mut *conn)
    .await?;
    if counted.is_some() {
        return Ok(None);
    }
    let seconds = sqlx::query_scalar!(
        r#"SELECT ceil(extract(epoch FROM ends_at - now()))::bigint AS "seconds!"
           FROM attempts WHERE kind = $1 AND who = $2 AND source = $3"#,
        kind,
        who,
        source,
    )
    .fetch_optional(conn)
    .await?;
    Ok(Some(Duration::from_secs(seconds.and_then(|seconds| seconds.try_into().ok()).unwrap_or(0))))
}

async fn remember_source(conn: &mut PgConnection, user_id: Uuid, source: &str) -> Result<()> {
    sqlx::query!(
        "INSERT INTO known_sources AS k (user_id, source, known_until) VALUES ($1, $2, now() + make_interval(days => $3))
         ON CONFLICT (user_id, source) DO UPDATE SET known_until = excluded.known_until",
        user_id,
        source,
        KNOWN_DAYS,
    )
    .execute(conn)
    .await?;
    Ok(())
}

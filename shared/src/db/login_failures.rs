//! Lock-out after failed log-ins. It is kept here and not in the cache, because it must not fail open.

use std::time::Duration;

use sqlx::PgConnection;

use crate::Result;

/// How many failures in a row lock an address.
pub const MAX_FAILURES: i32 = 10;
/// For how long, and after how long without a failure the count begins anew, in minutes.
const MINUTES: i32 = 15;

/// How long the address stays locked, if it is.
pub async fn locked_for(conn: &mut PgConnection, email: &str) -> Result<Option<Duration>> {
    let seconds = sqlx::query_scalar!(
        r#"SELECT ceil(extract(epoch FROM locked_until - now()))::bigint AS "seconds!"
           FROM login_failures WHERE email = $1 AND locked_until > now()"#,
        email,
    )
    .fetch_optional(conn)
    .await?;
    Ok(seconds.map(|seconds| Duration::from_secs(seconds.try_into().unwrap_or(0))))
}

/// Counts a failure, and locks the address at the tenth in a row.
pub async fn record(conn: &mut PgConnection, email: &str) -> Result<()> {
    sqlx::query!(
        "INSERT INTO login_failures AS f (email, failures, last_failed_at) VALUES ($1, 1, now())
         ON CONFLICT (email) DO UPDATE SET
             failures = CASE WHEN f.last_failed_at < now() - make_interval(mins => $3) THEN 1 ELSE f.failures + 1 END,
             locked_until = CASE WHEN f.last_failed_at >= now() - make_interval(mins => $3) AND f.failures + 1 >= $2
                                 THEN now() + make_interval(mins => $3) END,
             last_failed_at = now()",
        email,
        MAX_FAILURES,
        MINUTES,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Forgets the failures: they logged in, or set a new password.
pub async fn clear(conn: &mut PgConnection, email: &str) -> Result<()> {
    sqlx::query!("DELETE FROM login_failures WHERE email = $1", email).execute(conn).await?;
    Ok(())
}

//! The secrets in the links of e-mails.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::{Result, auth::Secret, domain::email::OneTimePurpose};

/// Creates a token for an e-mail that was enqueued at a time. Returns `None` if the account is not active, or if the
/// purpose of the e-mail was voided since then ([`void_reset_links`]). A concurrent call of that waits, and finds the
/// token.
pub async fn create(
    conn: &mut PgConnection,
    user_id: Uuid,
    purpose: OneTimePurpose,
    ordered_at: DateTime<Utc>,
) -> Result<Option<Secret>> {
    let token = Secret::generate()?;
    let created = sqlx::query!(
        "INSERT INTO one_time_tokens (hash, user_id, purpose, expires_at)
         SELECT $1::bytea, id, $3::one_time_purpose, now() + make_interval(hours => $4) FROM users
         WHERE id = $2 AND active AND ($3::one_time_purpose <> 'reset_password' OR reset_links_void_at IS NULL OR reset_links_void_at < $5)
         FOR SHARE",
        Secret::hash(token.expose()),
        user_id,
        purpose as OneTimePurpose,
        purpose.hours(),
        ordered_at,
    )
    .execute(conn)
    .await?;
    Ok((created.rows_affected() == 1).then_some(token))
}

/// Voids the links that set a new password, including those of e-mails that are enqueued and not sent yet: the
/// password was changed in another way, or the account was deactivated. Call it when the account is locked.
pub async fn void_reset_links(conn: &mut PgConnection, user_id: Uuid) -> Result<()> {
    sqlx::query!("UPDATE users SET reset_links_void_at = clock_timestamp() WHERE id = $1", user_id)
        .execute(&mut *conn)
        .await?;
    sqlx::query!("DELETE FROM one_time_tokens WHERE user_id = $1 AND purpose = 'reset_password'", user_id)
        .execute(conn)
        .await?;
    Ok(())
}

/// Returns the user to whom a token belongs, or `None` if it is not valid.
pub async fn owner(conn: &mut PgConnection, presented: &str, purpose: OneTimePurpose) -> Result<Option<Uuid>> {
    let user_id = sqlx::query_scalar!(
        "SELECT u.id FROM one_time_tokens t JOIN users u ON u.id = t.user_id
         WHERE t.hash = $1 AND t.purpose = $2 AND t.expires_at > now() AND u.active",
        Secret::hash(presented),
        purpose as OneTimePurpose,
    )
    .fetch_optional(conn)
    .await?;
    Ok(user_id)
}

/// Consumes a token, and all others of that user for the same purpose. Returns the user, whose account is locked until
/// the transaction ends, or `None` if the token is not valid.
pub async fn consume(conn: &mut PgConnection, presented: &str, purpose: OneTimePurpose) -> Result<Option<Uuid>> {
    let hash = Secret::hash(presented);
    // The account first, in the usual order of locks; what is read then stays true until the end.
    let user_id = sqlx::query_scalar!(
        "SELECT u.id FROM one_time_tokens t JOIN users u ON u.id = t.user_id
         WHERE t.hash = $1 AND t.purpose = $2 AND t.expires_at > now() AND u.active FOR NO KEY UPDATE OF u",
        hash,
        purpose as OneTimePurpose,
    )
    .fetch_optional(&mut *conn)
    .await?;
    let used = sqlx::query_scalar!(
        "DELETE FROM one_time_tokens WHERE hash = $1 AND user_id = $2 RETURNING user_id",
        hash,
        user_id
    )
    .fetch_optional(&mut *conn)
    .await?;
    if let Some(user_id) = used {
        sqlx::query!(
            "DELETE FROM one_time_tokens WHERE user_id = $1 AND purpose = $2",
            user_id,
            purpose as OneTimePurpose
        )
        .execute(conn)
        .await?;
    }
    Ok(used)
}

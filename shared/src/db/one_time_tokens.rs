//! The secrets in the links of mails.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::{Result, auth::Secret, domain::email::OneTimePurpose};

/// Makes a token for a mail that was ordered at a time. Nothing if the account is not active, or if what the mail is for was made void
/// since ([`void_reset_links`]): who does that meanwhile waits, and finds the token.
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

/// Makes the links void that set a new password, also those of mails that were ordered and are not sent yet: the password was changed
/// otherwise, or the account deactivated. Call it when the account is locked.
pub async fn void_reset_links(conn: &mut PgConnection, user_id: Uuid) -> Result<()> {
    sqlx::query!("UPDATE users SET reset_links_void_at = clock_timestamp() WHERE id = $1", user_id)
        .execute(&mut *conn)
        .await?;
    sqlx::query!("DELETE FROM one_time_tokens WHERE user_id = $1 AND purpose = 'reset_password'", user_id)
        .execute(conn)
        .await?;
    Ok(())
}

/// Whose a token is, if it is good.
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

/// Uses a token, and with it all others of that person for the same purpose. Answers whose it was, if it was good; the account is locked
/// until the transaction ends.
pub async fn consume(conn: &mut PgConnection, presented: &str, purpose: OneTimePurpose) -> Result<Option<Uuid>> {
    let hash = Secret::hash(presented);
    // The account first, as everybody does; and what is true of it then is true until the end.
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

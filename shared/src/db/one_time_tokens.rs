//! The secrets in the links of mails.

use sqlx::PgConnection;
use uuid::Uuid;

use crate::{Result, auth::Secret};

/// What a link is good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::Type)]
#[sqlx(type_name = "one_time_purpose", rename_all = "snake_case")]
pub enum Purpose {
    /// Shows that an address is the person's own.
    VerifyEmail,
    /// Sets a new password.
    ResetPassword,
}

impl Purpose {
    /// For how long, in hours.
    pub fn hours(self) -> i32 {
        match self {
            Self::VerifyEmail => 72,
            Self::ResetPassword => 1,
        }
    }
}

/// Makes a token.
pub async fn create(conn: &mut PgConnection, user_id: Uuid, purpose: Purpose) -> Result<Secret> {
    let token = Secret::generate()?;
    sqlx::query!(
        "INSERT INTO one_time_tokens (hash, user_id, purpose, expires_at) VALUES ($1, $2, $3, now() + make_interval(hours => $4))",
        Secret::hash(token.expose()),
        user_id,
        purpose as Purpose,
        purpose.hours(),
    )
    .execute(conn)
    .await?;
    Ok(token)
}

/// Uses a token, and with it all others of that person for the same purpose. Answers whose it was, if it was good.
pub async fn consume(conn: &mut PgConnection, presented: &str, purpose: Purpose) -> Result<Option<Uuid>> {
    let user_id = sqlx::query_scalar!(
        "DELETE FROM one_time_tokens t USING users u
         WHERE t.hash = $1 AND t.purpose = $2 AND t.expires_at > now() AND u.id = t.user_id AND u.active
         RETURNING t.user_id",
        Secret::hash(presented),
        purpose as Purpose,
    )
    .fetch_optional(&mut *conn)
    .await?;
    if let Some(user_id) = user_id {
        sqlx::query!("DELETE FROM one_time_tokens WHERE user_id = $1 AND purpose = $2", user_id, purpose as Purpose)
            .execute(conn)
            .await?;
    }
    Ok(user_id)
}

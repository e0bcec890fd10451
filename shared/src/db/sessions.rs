//! Sessions and their rotating refresh tokens.

use std::time::Duration;

use sqlx::PgConnection;
use uuid::Uuid;

use super::{
    Tx, outbox,
    page::{Cursor, Page, PageRequest},
};
use crate::{
    Code, Error, Result,
    auth::{RefreshKey, Secret},
    domain::{
        Caller, TokenClaims,
        account::{Role, Session},
        event::Event,
    },
};

/// The lifetime of a session after its last refresh, in days, and of a refresh token, since each refresh extends the
/// session.
pub const DAYS: i32 = 30;

/// Returns the person behind an access token. Fails unless their session and their account are active.
pub async fn authenticate(conn: &mut PgConnection, claims: TokenClaims) -> Result<Caller> {
    caller(conn, claims).await?.ok_or(Error::Unauthenticated(Code::SessionEnded, "The session is over. Log in again."))
}

/// Returns the person behind an access token, or `None` unless their session and their account are active. Reads the
/// current role.
pub async fn caller(conn: &mut PgConnection, claims: TokenClaims) -> Result<Option<Caller>> {
    let caller = sqlx::query_as!(
        Caller,
        r#"SELECT u.id, s.id AS session_id, u.role AS "role: Role"
           FROM sessions s JOIN users u ON u.id = s.user_id
           WHERE s.id = $2 AND u.id = $1 AND u.active AND s.revoked_at IS NULL"#,
        claims.user_id,
        claims.session_id,
    )
    .fetch_optional(conn)
    .await?;
    Ok(caller)
}

/// Creates a session and returns its id. An account that exists already must be locked, by [`super::users::confirm`]:
/// a concurrent change of the password then ends this session as well.
pub async fn create(conn: &mut PgConnection, user_id: Uuid, user_agent: &str, ip_address: &str) -> Result<Uuid> {
    let id = Uuid::now_v7();
    sqlx::query!(
        "INSERT INTO sessions (id, user_id, user_agent, ip_address, expires_at)
         VALUES ($1, $2, $3, $4, now() + make_interval(days => $5))",
        id,
        user_id,
        user_agent,
        ip_address,
        DAYS,
    )
    .execute(conn)
    .await?;
    Ok(id)
}

/// Adds a refresh token to a session and extends the session.
pub async fn add_refresh_token(conn: &mut PgConnection, session_id: Uuid, token: &Secret) -> Result<()> {
    sqlx::query!(
        "WITH used AS (
             UPDATE sessions SET last_used_at = now(), expires_at = now() + make_interval(days => $3) WHERE id = $2)
         INSERT INTO refresh_tokens (hash, session_id) VALUES ($1, $2)",
        Secret::hash(token.expose()),
        session_id,
        DAYS,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// The result of using a refresh token.
pub enum Refreshed {
    /// The session continues.
    Continues {
        /// The user.
        user_id: Uuid,
        /// The session.
        session_id: Uuid,
        /// The successor of the token. `None` if a client has already used that.
        refresh_token: Option<Secret>,
    },
    /// It was used before, and longer ago than the grace period: the token was copied. Its session is revoked now;
    /// commit that. `clean-up` deletes a token thirty days after its use: then it is [`Unknown`](Self::Unknown), as it
    /// would be if it had never been used, and its session continues.
    Reused,
    /// It is not known, or its session has ended.
    Unknown,
}

/// Uses a refresh token, and adds its successor to the session.
///
/// A client that loses the response, and two tabs of a browser that refresh at once, present a token again. Until
/// `grace` has passed since its first use they get the same successor, unless that was used as well. The session cannot
/// end meanwhile: a concurrent end waits, or has happened already.
pub async fn refresh(tx: &mut Tx, key: &RefreshKey, grace: Duration, presented: &str) -> Result<Refreshed> {
    let (hash, successor) = (Secret::hash(presented), key.successor(presented));
    let found = sqlx::query!(
        r#"SELECT t.session_id, s.user_id, t.spent_at IS NOT NULL AS "spent!",
                  COALESCE(t.spent_at > now() - make_interval(secs => $2), false) AS "repeated!"
           FROM refresh_tokens t JOIN sessions s ON s.id = t.session_id JOIN users u ON u.id = s.user_id
           WHERE t.hash = $1 AND s.revoked_at IS NULL AND s.expires_at > now() AND u.active
           FOR NO KEY UPDATE OF t, s"#,
        hash,
        grace.as_secs_f64(),
    )
    .fetch_optional(&mut **tx)
    .await?;
    let Some(found) = found else { return Ok(Refreshed::Unknown) };
    let (user_id, session_id) = (found.user_id, found.session_id);
    if !found.spent {
        sqlx::query!("UPDATE refresh_tokens SET spent_at = now() WHERE hash = $1", hash).execute(&mut **tx).await?;
        add_refresh_token(tx, session_id, &successor).await?;
        return Ok(Refreshed::Continues { user_id, session_id, refresh_token: Some(successor) });
    }
    if !found.repeated {
        revoke(tx, user_id, session_id).await?;
        return Ok(Refreshed::Reused);
    }
    let spent = sqlx::query_scalar!(
        r#"SELECT spent_at IS NOT NULL AS "spent!" FROM refresh_tokens WHERE hash = $1 AND session_id = $2"#,
        Secret::hash(successor.expose()),
        session_id,
    )
    .fetch_optional(&mut **tx)
    .await?;
    // Under another key than the one of its first use the token has no successor: that has ended the grace period.
    let Some(spent) = spent else { return Ok(Refreshed::Unknown) };
    Ok(Refreshed::Continues { user_id, session_id, refresh_token: (!spent).then_some(successor) })
}

/// Ends the session that a refresh token belongs to, used or not. Does nothing if the token is not known.
pub async fn revoke_by_refresh_token(tx: &mut Tx, presented: &str) -> Result<()> {
    let user_id = sqlx::query_scalar!(
        "UPDATE sessions s SET revoked_at = now() FROM refresh_tokens t
         WHERE t.hash = $1 AND s.id = t.session_id AND s.revoked_at IS NULL RETURNING s.user_id",
        Secret::hash(presented),
    )
    .fetch_optional(&mut **tx)
    .await?;
    match user_id {
        Some(user_id) => announce_end(tx, user_id).await,
        None => Ok(()),
    }
}

/// Ends one session of a user. Fails with [`Error::NotFound`] if they have no such session.
pub async fn revoke(tx: &mut Tx, user_id: Uuid, session_id: Uuid) -> Result<()> {
    sqlx::query!(
        "UPDATE sessions SET revoked_at = now() WHERE id = $1 AND user_id = $2 AND revoked_at IS NULL RETURNING id",
        session_id,
        user_id,
    )
    .fetch_one(&mut **tx)
    .await?;
    announce_end(tx, user_id).await
}

/// Ends every session of a user except `keep`.
pub async fn revoke_all(tx: &mut Tx, user_id: Uuid, keep: Option<Uuid>) -> Result<()> {
    sqlx::query!(
        "UPDATE sessions SET revoked_at = now() WHERE user_id = $1 AND revoked_at IS NULL AND id IS DISTINCT FROM $2",
        user_id,
        keep,
    )
    .execute(&mut **tx)
    .await?;
    announce_end(tx, user_id).await
}

/// Adds the event that closes the connections of sessions that ended.
async fn announce_end(tx: &mut Tx, user_id: Uuid) -> Result<()> {
    outbox::add_event(tx, &Event::SessionsEnded { user_id }).await
}

/// Returns which of these sessions of a user are active.
pub async fn alive(conn: &mut PgConnection, user_id: Uuid, session_ids: &[Uuid]) -> Result<Vec<Uuid>> {
    let alive = sqlx::query_scalar!(
        "SELECT s.id FROM sessions s JOIN users u ON u.id = s.user_id
         WHERE s.id = ANY($2) AND s.user_id = $1 AND u.active AND s.revoked_at IS NULL",
        user_id,
        session_ids,
    )
    .fetch_all(conn)
    .await?;
    Ok(alive)
}

/// Returns a page of the caller's active sessions, newest first.
pub async fn list(conn: &mut PgConnection, caller: &Caller, page: &PageRequest) -> Result<Page<Session>> {
    let sessions = sqlx::query_as!(
        Session,
        r#"SELECT id, user_agent, ip_address, id = $2 AS "current!", created_at, last_used_at, expires_at
           FROM sessions
           WHERE user_id = $1 AND revoked_at IS NULL AND expires_at > now() AND ($3::uuid IS NULL OR id < $3)
           ORDER BY id DESC LIMIT $4"#,
        caller.id,
        caller.session_id,
        page.after::<Uuid>("sessions")?,
        page.fetch(),
    )
    .fetch_all(conn)
    .await?;
    Ok(page.cut(sessions, |session| Cursor::new("sessions", session.id)))
}

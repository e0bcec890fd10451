//! Sessions and their rotating refresh tokens.

use sqlx::PgConnection;
use uuid::Uuid;

use super::{
    Tx, outbox,
    page::{Cursor, Page, PageRequest},
};
use crate::{
    Code, Error, Result,
    auth::Secret,
    domain::{
        Caller, TokenClaims,
        account::{Role, Session},
        event::Event,
    },
};

/// How long a session lasts from its last refresh, in days; and a refresh token is good, since each moves the end on.
const DAYS: i32 = 30;

/// The person behind an access token. Fails unless their session goes on and they are active.
pub async fn authenticate(conn: &mut PgConnection, claims: TokenClaims) -> Result<Caller> {
    caller(conn, claims).await?.ok_or(Error::Unauthenticated(Code::SessionEnded, "The session is over. Log in again."))
}

/// The person behind an access token, if their session goes on and they are active. Reads the role as it is now.
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

/// Begins a session and answers its id. For an account that exists already it must be locked, by [`super::users::confirm`]: whoever changes
/// the password meanwhile ends this session as well.
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

/// Adds a refresh token to a session and moves its end on.
pub async fn add_refresh_token(conn: &mut PgConnection, session_id: Uuid) -> Result<Secret> {
    let token = Secret::generate()?;
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
    Ok(token)
}

/// What became of a refresh token that was presented.
pub enum Spent {
    /// It was good, and is spent now.
    Good {
        /// The user.
        user_id: Uuid,
        /// The session that goes on.
        session_id: Uuid,
    },
    /// It had been spent before: somebody has a copy. Its session is revoked now; commit that. `clean-up` forgets a token thirty days
    /// after it was spent: it is refused then, as it would be had nobody spent it, and its session goes on.
    Reused,
    /// Nobody knows it, or its session is over.
    Unknown,
}

/// Spends a refresh token. Two that present the same one at once cannot both have it: the second finds it spent. Nor can the session end
/// meanwhile: whoever ends it waits, or it has ended.
pub async fn spend_refresh_token(tx: &mut Tx, presented: &str) -> Result<Spent> {
    let hash = Secret::hash(presented);
    let found = sqlx::query!(
        "SELECT t.session_id, t.spent_at, s.user_id
         FROM refresh_tokens t JOIN sessions s ON s.id = t.session_id JOIN users u ON u.id = s.user_id
         WHERE t.hash = $1 AND s.revoked_at IS NULL AND s.expires_at > now() AND u.active FOR NO KEY UPDATE OF t, s",
        hash,
    )
    .fetch_optional(&mut **tx)
    .await?;
    let Some(found) = found else { return Ok(Spent::Unknown) };
    if found.spent_at.is_some() {
        revoke(tx, found.user_id, found.session_id).await?;
        return Ok(Spent::Reused);
    }
    sqlx::query!("UPDATE refresh_tokens SET spent_at = now() WHERE hash = $1", hash).execute(&mut **tx).await?;
    Ok(Spent::Good { user_id: found.user_id, session_id: found.session_id })
}

/// Ends the session that a refresh token belongs to, spent or not. An unknown token ends nothing.
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

/// Ends one session of a user. Not found if they have no such session.
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

/// Ends every session of a user but `keep`.
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

/// The connections that the sessions opened are to be closed.
async fn announce_end(tx: &mut Tx, user_id: Uuid) -> Result<()> {
    outbox::add_event(tx, &Event::SessionsEnded { user_id }).await
}

/// Which of a user's sessions go on, among these.
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

/// A page of the caller's sessions that go on, newest first.
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

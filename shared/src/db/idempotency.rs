//! `Idempotency-Key`: the response to the first request is kept for 24 hours, in the transaction of what it created.

use serde_json::Value;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::{Code, Error, Result};

/// The response to a request.
#[derive(Debug)]
pub struct Response {
    /// The HTTP status.
    pub status: u16,
    /// Header names and values.
    pub headers: Value,
    /// The body.
    pub body: String,
}

/// A request with a key.
pub struct Request<'a> {
    /// The user who sends it. Keys of different users are independent.
    pub user_id: Uuid,
    /// The value of the header.
    pub key: &'a str,
    /// The operation of the endpoint.
    pub operation: &'a str,
    /// A digest of the body.
    pub digest: &'a [u8],
}

/// The result of claiming a key.
#[derive(Debug)]
pub enum Claim {
    /// It is the first request with this key.
    New,
    /// It is a repetition; this is the response to the first.
    Replay(Response),
}

/// Claims a key for this transaction, or returns the response to the first request. A second request that arrives
/// while the first is still running waits until that transaction ends. Fails if the key was used with another body.
pub async fn claim(conn: &mut PgConnection, request: &Request<'_>) -> Result<Claim> {
    let claimed = sqlx::query!(
        "INSERT INTO idempotency_keys AS k (user_id, key, operation, request_hash) VALUES ($1, $2, $3, $4)
         ON CONFLICT (user_id, key) DO UPDATE
             SET operation = $3, request_hash = $4, status = NULL, headers = NULL, body = NULL, created_at = now()
             WHERE k.created_at < now() - interval '24 hours'",
        request.user_id,
        request.key,
        request.operation,
        request.digest,
    )
    .execute(&mut *conn)
    .await?;
    if claimed.rows_affected() == 1 {
        return Ok(Claim::New);
    }
    let first = sqlx::query!(
        r#"SELECT operation, request_hash, status AS "status!", headers AS "headers!", body AS "body!"
           FROM idempotency_keys WHERE user_id = $1 AND key = $2"#,
        request.user_id,
        request.key,
    )
    .fetch_one(conn)
    .await?;
    if first.operation != request.operation || first.request_hash != request.digest {
        return Err(Error::invalid_as(
            Code::IdempotencyKeyReused,
            "",
            "the Idempotency-Key was used before, for another request",
        ));
    }
    let status = first.status.try_into().map_err(Error::internal)?;
    Ok(Claim::Replay(Response { status, headers: first.headers, body: first.body }))
}

/// Stores the response under the key that this transaction claimed.
pub async fn keep(conn: &mut PgConnection, request: &Request<'_>, response: &Response) -> Result<()> {
    sqlx::query!(
        "UPDATE idempotency_keys SET status = $3, headers = $4, body = $5 WHERE user_id = $1 AND key = $2",
        request.user_id,
        request.key,
        i16::try_from(response.status).map_err(Error::internal)?,
        response.headers,
        response.body,
    )
    .execute(conn)
    .await?;
    Ok(())
}

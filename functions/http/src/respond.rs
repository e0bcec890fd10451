//! The shapes of answers.

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use serde_json::{Value, json};
use shared::{
    db::{
        PgConnection,
        idempotency::{self, Answer, Request},
    },
    domain::Caller,
};

use crate::extract::IdempotencyKey;

/// A version as an entity tag.
pub fn etag(version: i64) -> HeaderValue {
    HeaderValue::try_from(format!("\"{version}\"")).unwrap_or_else(|_| HeaderValue::from_static("\"0\""))
}

/// A single resource with its version as the `ETag`.
pub struct Tagged<T>(pub i64, pub T);

impl<T: Serialize> IntoResponse for Tagged<T> {
    fn into_response(self) -> Response {
        ([(header::ETAG, etag(self.0))], Json(self.1)).into_response()
    }
}

/// A resource that was created.
pub struct Created<T> {
    /// Where it is, from `/v1` on.
    pub location: String,
    /// Its version.
    pub version: i64,
    /// What it is.
    pub resource: T,
}

/// A creation that happens once for each `Idempotency-Key`, whatever number of times it is asked for.
pub struct Once<'a>(Option<Request<'a>>);

/// What [`Once::begin`] finds.
pub enum Begun<'a> {
    /// It is the first time: create it, and [`Once::finish`] in the same transaction.
    First(Once<'a>),
    /// It was created before: this is the answer.
    Before(Response),
}

impl<'a> Once<'a> {
    /// For a creation without a key, which happens each time that it is asked for.
    pub fn each_time() -> Self {
        Self(None)
    }

    /// Claims the key, if there is one, for `operation` with a body of this digest.
    pub async fn begin(
        conn: &mut PgConnection,
        caller: &Caller,
        key: &'a IdempotencyKey,
        operation: &'a str,
        digest: &'a [u8],
    ) -> shared::Result<Begun<'a>> {
        let Some(key) = &key.0 else { return Ok(Begun::First(Self::each_time())) };
        let request = Request { user_id: caller.id, key, operation, digest };
        Ok(match idempotency::claim(conn, &request).await? {
            None => Begun::First(Self(Some(request))),
            Some(answer) => Begun::Before(respond(answer)),
        })
    }

    /// The answer, kept for the next time. Commit afterwards.
    pub async fn finish<T: Serialize>(self, conn: &mut PgConnection, created: Created<T>) -> shared::Result<Response> {
        let headers = json!({ "location": created.location, "etag": format!("\"{}\"", created.version) });
        self.answer(conn, StatusCode::CREATED, headers, &created.resource).await
    }

    /// Like [`Once::finish`], for what has no versions.
    pub async fn finish_unversioned<T: Serialize>(
        self,
        conn: &mut PgConnection,
        status: StatusCode,
        location: String,
        resource: &T,
    ) -> shared::Result<Response> {
        self.answer(conn, status, json!({ "location": location }), resource).await
    }

    async fn answer<T: Serialize>(
        self,
        conn: &mut PgConnection,
        status: StatusCode,
        headers: Value,
        resource: &T,
    ) -> shared::Result<Response> {
        let body = serde_json::to_string(resource).map_err(shared::Error::internal)?;
        let answer = Answer { status: status.as_u16(), headers, body };
        if let Some(request) = self.0 {
            idempotency::keep(conn, &request, &answer).await?;
        }
        Ok(respond(answer))
    }
}

fn respond(answer: Answer) -> Response {
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::OK);
    let mut response = (status, [(header::CONTENT_TYPE, "application/json")], answer.body).into_response();
    for (name, value) in answer.headers.as_object().into_iter().flatten() {
        let name = header::HeaderName::try_from(name.as_str());
        let value = HeaderValue::try_from(value.as_str().unwrap_or_default());
        if let (Ok(name), Ok(value)) = (name, value) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

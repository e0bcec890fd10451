//! Creations, each of which happens once for an `Idempotency-Key`, however often it is asked for.

use axum::{
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use futures_util::{FutureExt, future::BoxFuture};
use serde::Serialize;
use serde_json::json;
use shared::{
    Error, Result,
    db::{
        Tx,
        idempotency::{self, Claim},
        sessions,
    },
    domain::{Caller, TokenClaims},
};

use crate::{AppState, extract::IdempotencyKey};

/// A request to create something. With an `Idempotency-Key`, the same request later gets the same response.
pub struct IdempotentRequest<'a> {
    operation: &'a str,
    key: Option<&'a str>,
    digest: &'a [u8],
    claims: TokenClaims,
    is_authenticated: bool,
}

impl<'a> IdempotentRequest<'a> {
    /// A request of `caller` for an operation, with a body of this digest. Stored keys name the operation: it must
    /// stay the same.
    pub fn new(operation: &'a str, caller: &Caller, key: &'a IdempotencyKey, digest: &'a [u8]) -> Self {
        Self { is_authenticated: true, ..Self::with_claims(operation, caller.into(), key, digest) }
    }

    /// Like [`IdempotentRequest::new`], for a creation that looks at the session itself.
    pub fn with_claims(operation: &'a str, claims: TokenClaims, key: &'a IdempotencyKey, digest: &'a [u8]) -> Self {
        Self { operation, key: key.0.as_deref(), digest, claims, is_authenticated: false }
    }

    fn stored(&self) -> Option<idempotency::Request<'a>> {
        let &Self { operation, digest, .. } = self;
        self.key.map(|key| idempotency::Request { user_id: self.claims.user_id, key, operation, digest })
    }

    /// Claims the key, if there is one. That is the first of several statements: it begins a transaction.
    fn claim<'b>(&'b self, tx: &'b mut Tx) -> BoxFuture<'b, Result<Claim>> {
        async {
            let Some(request) = self.stored() else { return Ok(Claim::New) };
            tx.begin().await?;
            if !self.is_authenticated {
                sessions::authenticate(tx, self.claims).await?; // What was created is for somebody who is logged in.
            }
            idempotency::claim(tx, &request).await
        }
        .boxed()
    }
}

/// What was created.
pub struct Created<T> {
    location: String,
    status: StatusCode,
    version: Option<i64>,
    resource: T,
}

impl<T: Serialize> Created<T> {
    /// A resource without versions, at this location, from `/v1` on.
    pub fn at(location: String, resource: T) -> Self {
        Self { location, status: StatusCode::CREATED, version: None, resource }
    }

    /// A resource with a version, which is its `ETag`.
    pub fn versioned(location: String, version: i64, resource: T) -> Self {
        Self { version: Some(version), ..Self::at(location, resource) }
    }

    /// The same with another status than 201.
    #[must_use]
    pub fn status(self, status: StatusCode) -> Self {
        Self { status, ..self }
    }

    fn response(&self) -> Result<idempotency::Response> {
        let mut headers = json!({ "location": self.location });
        if let Some(version) = self.version {
            headers["etag"] = json!(format!("\"{version}\""));
        }
        let body = serde_json::to_string(&self.resource).map_err(Error::internal)?;
        Ok(idempotency::Response { status: self.status.as_u16(), headers, body })
    }
}

impl AppState {
    /// Creates something by `make`, commits, and responds; or responds as to the first request with the same
    /// `Idempotency-Key`.
    pub async fn create<T: Serialize>(
        &self,
        mut tx: Tx,
        request: IdempotentRequest<'_>,
        make: impl AsyncFnOnce(&mut Tx) -> Result<Created<T>>,
    ) -> Result<Response> {
        match request.claim(&mut tx).await? {
            Claim::Replay(response) => respond(response),
            Claim::New => {
                let response = make(&mut tx).await?.response()?;
                self.finish(tx, &request, response).await
            }
        }
    }

    fn finish<'a>(
        &'a self,
        mut tx: Tx,
        request: &'a IdempotentRequest<'_>,
        response: idempotency::Response,
    ) -> BoxFuture<'a, Result<Response>> {
        async move {
            if let Some(request) = request.stored() {
                idempotency::keep(&mut tx, &request, &response).await?;
            }
            tx.commit(&self.queues).await?;
            respond(response)
        }
        .boxed()
    }
}

/// Fails if what was stored is no response.
fn respond(stored: idempotency::Response) -> Result<Response> {
    let status = StatusCode::from_u16(stored.status).map_err(Error::internal)?;
    let mut response = (status, [(header::CONTENT_TYPE, "application/json")], stored.body).into_response();
    for (name, value) in stored.headers.as_object().into_iter().flatten() {
        let name = HeaderName::try_from(name.as_str()).map_err(Error::internal)?;
        let value = HeaderValue::try_from(value.as_str().unwrap_or_default()).map_err(Error::internal)?;
        response.headers_mut().insert(name, value);
    }
    Ok(response)
}

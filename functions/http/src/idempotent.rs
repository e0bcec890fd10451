//! Creates resources once per `Idempotency-Key`, however often the request is repeated.

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

/// A request that creates a resource. With an `Idempotency-Key`, a repeated request gets the first response again.
pub struct IdempotentRequest<'a> {
    operation: &'a str,
    key: Option<&'a str>,
    digest: &'a [u8],
    claims: TokenClaims,
    is_authenticated: bool,
}

impl<'a> IdempotentRequest<'a> {
    /// Creates a request of `caller` for an operation, with the digest of its body. Stored keys contain the name of
    /// the operation, so the name must never change.
    pub fn new(operation: &'a str, caller: &Caller, key: &'a IdempotencyKey, digest: &'a [u8]) -> Self {
        Self { is_authenticated: true, ..Self::with_claims(operation, caller.into(), key, digest) }
    }

    /// Creates a request from claims, like [`IdempotentRequest::new`], for a creation that authenticates the session
    /// itself.
    pub fn with_claims(operation: &'a str, claims: TokenClaims, key: &'a IdempotencyKey, digest: &'a [u8]) -> Self {
        Self { operation, key: key.0.as_deref(), digest, claims, is_authenticated: false }
    }

    fn stored(&self) -> Option<idempotency::Request<'a>> {
        let &Self { operation, digest, .. } = self;
        self.key.map(|key| idempotency::Request { user_id: self.claims.user_id, key, operation, digest })
    }

    /// Claims the key, if there is one. It begins a transaction, because more statements follow.
    fn claim<'b>(&'b self, tx: &'b mut Tx) -> BoxFuture<'b, Result<Claim>> {
        async {
            let Some(request) = self.stored() else { return Ok(Claim::New) };
            tx.begin().await?;
            if !self.is_authenticated {
                sessions::authenticate(tx, self.claims).await?; // A stored response needs a valid session.
            }
            idempotency::claim(tx, &request).await
        }
        .boxed()
    }
}

/// A created resource.
pub struct Created<T> {
    location: String,
    status: StatusCode,
    version: Option<i64>,
    resource: T,
}

impl<T: Serialize> Created<T> {
    /// Creates a result without a version. `location` is the path of the resource, starting with `/v1`.
    pub fn at(location: String, resource: T) -> Self {
        Self { location, status: StatusCode::CREATED, version: None, resource }
    }

    /// Creates a result with a version, which is sent as the `ETag`.
    pub fn versioned(location: String, version: i64, resource: T) -> Self {
        Self { version: Some(version), ..Self::at(location, resource) }
    }

    /// Sets the status of the response. Defaults to 201.
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
    /// Creates a resource with `make`, commits, and returns the response. If the `Idempotency-Key` was used by the
    /// same request before, returns the stored response instead.
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

/// Builds the HTTP response. Fails if the stored status or headers are not valid.
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

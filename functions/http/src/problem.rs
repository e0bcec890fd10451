use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use serde_json::Value;
use shared::{Error, Fault};
use utoipa::ToSchema;

/// What a client is told of an error: RFC 9457, `application/problem+json`.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Problem {
    /// Always `about:blank`: the status says what kind of problem it is.
    #[serde(rename = "type")]
    kind: &'static str,
    /// The status in words.
    title: &'static str,
    /// The HTTP status.
    status: u16,
    /// What happened and what to do, for a person.
    detail: String,
    /// The request's id, as in `X-Request-Id`.
    instance: String,
    /// With 422: every field that is wrong.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    errors: Vec<Fault>,
    /// With 412: the resource as it is now.
    #[serde(skip_serializing_if = "Option::is_none")]
    current: Option<Value>,
}

impl Problem {
    /// A problem with a status, before it is known which request it belongs to.
    pub(crate) fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        Self {
            kind: "about:blank",
            title: status.canonical_reason().unwrap_or("Error"),
            status: status.as_u16(),
            detail: detail.into(),
            instance: String::new(),
            errors: Vec::new(),
            current: None,
        }
    }

    /// The problem of an answer that some layer made without one: 404 and 405 of the router, 413 of the body limit.
    pub(crate) fn of_status(status: StatusCode) -> Self {
        let detail = match status {
            StatusCode::NOT_FOUND => "There is nothing at this address. GET /docs shows what there is.",
            StatusCode::METHOD_NOT_ALLOWED => {
                "This address does not take this method; Allow names those that it takes."
            }
            StatusCode::PAYLOAD_TOO_LARGE => "The body is larger than 256 KB.",
            _ => status.canonical_reason().unwrap_or("Error"),
        };
        Self::new(status, detail)
    }

    /// The body, for the request with this id.
    pub(crate) fn body(mut self, request_id: &str) -> Vec<u8> {
        request_id.clone_into(&mut self.instance);
        serde_json::to_vec(&self).unwrap_or_default()
    }
}

/// An error on its way out of a handler.
#[derive(Debug)]
pub struct ApiError(Error);

/// The story of an error, on its way to the log.
#[derive(Debug, Clone)]
pub struct Cause(pub String);

impl<E: Into<Error>> From<E> for ApiError {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

impl IntoResponse for ApiError {
    /// The status, the headers, and the problem as an extension: the outermost layer knows the request's id and writes the body.
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.0.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = status.into_response();
        let mut problem = Problem::new(status, self.0.to_string());
        if let Some(cause) = self.0.cause() {
            response.extensions_mut().insert(Cause(cause));
        }
        let headers = response.headers_mut();
        match self.0 {
            Error::Unauthenticated(_) => {
                headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
            }
            Error::VersionMismatch { version, current } => {
                headers.insert(header::ETAG, crate::respond::etag(version));
                problem.current = Some(*current);
            }
            Error::Invalid(faults) => problem.errors = faults,
            Error::TooManyRequests { retry_after, .. } => {
                headers.insert(header::RETRY_AFTER, retry_after.as_secs().max(1).into());
            }
            Error::Unavailable(_) => {
                headers.insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
            }
            _ => {}
        }
        response.extensions_mut().insert(problem);
        response
    }
}

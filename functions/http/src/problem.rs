use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use serde_json::Value;
use shared::{Code, Error, Fault};
use utoipa::ToSchema;

/// The maximum number of faults in a problem.
pub(crate) const MAX_FAULTS: usize = 100;

/// An error response: problem details (RFC 9457), `application/problem+json`.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Problem {
    /// Always `about:blank`. `code` identifies the kind of error.
    #[serde(rename = "type")]
    kind: &'static str,
    /// The name of the HTTP status.
    title: &'static str,
    /// The HTTP status.
    status: u16,
    /// The error code, for programs.
    code: Code,
    /// What went wrong and what to do, for people.
    detail: String,
    /// The id of the request, as in `X-Request-Id`.
    instance: String,
    /// With 422: the fields that are not valid, at most 100.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false, max_items = 100)]
    errors: Vec<Fault>,
    /// Whether more fields are not valid than `errors` lists. Absent if not.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    #[schema(required = false)]
    more: bool,
    /// With 412: the current state of the resource.
    #[serde(skip_serializing_if = "Option::is_none")]
    current: Option<Value>,
}

impl Problem {
    /// Creates a problem without the id of its request.
    pub(crate) fn new(code: Code, detail: impl Into<String>) -> Self {
        let status = StatusCode::from_u16(code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        Self {
            kind: "about:blank",
            title: status.canonical_reason().unwrap_or("Error"),
            status: status.as_u16(),
            code,
            detail: detail.into(),
            instance: String::new(),
            errors: Vec::new(),
            more: false,
            current: None,
        }
    }

    /// Creates the problem for an error response that a layer returned without one, such as 404 and 405 from the
    /// router, or 413 from the body limit.
    pub(crate) fn of_status(status: StatusCode) -> Self {
        let (code, detail) = match status {
            StatusCode::NOT_FOUND => (Code::NotFound, "No endpoint has this path. GET /docs lists all endpoints."),
            StatusCode::METHOD_NOT_ALLOWED => (
                Code::MethodNotAllowed,
                "This path does not support this method. The `Allow` header lists those that it supports.",
            ),
            StatusCode::PAYLOAD_TOO_LARGE => (Code::BodyTooLarge, "The request body is larger than 256 KB."),
            StatusCode::UNSUPPORTED_MEDIA_TYPE => {
                (Code::UnsupportedMediaType, "Send JSON, with Content-Type: application/json.")
            }
            // A layer rejects a body that ends too early or does not match its headers.
            status if status.is_client_error() => (Code::MalformedJson, "The request body could not be read."),
            _ => (Code::InternalError, "Something went wrong on our side."),
        };
        Self { title: status.canonical_reason().unwrap_or("Error"), status: status.as_u16(), ..Self::new(code, detail) }
    }

    /// Returns the response body, with the id of the request.
    pub(crate) fn body(mut self, request_id: &str) -> Vec<u8> {
        request_id.clone_into(&mut self.instance);
        serde_json::to_vec(&self).unwrap_or_default()
    }
}

/// The error that handlers return.
#[derive(Debug)]
pub struct ApiError(Error);

/// The cause of an error, for the log only.
#[derive(Debug, Clone)]
pub struct Cause(pub String);

impl<E: Into<Error>> From<E> for ApiError {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

impl IntoResponse for ApiError {
    /// Returns the status, the headers, and the problem as an extension. The outermost layer writes the body, because
    /// it knows the id of the request.
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.0.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = status.into_response();
        let mut problem = Problem::new(self.0.code(), self.0.to_string());
        if let Some(cause) = self.0.cause() {
            response.extensions_mut().insert(Cause(cause));
        }
        let headers = response.headers_mut();
        match self.0 {
            Error::Unauthenticated(..) => {
                headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
            }
            Error::VersionMismatch { version, current } => {
                headers.insert(header::ETAG, crate::respond::etag(version));
                problem.current = Some(*current);
            }
            Error::Invalid(_, mut faults) => {
                problem.more = faults.len() > MAX_FAULTS;
                faults.truncate(MAX_FAULTS);
                problem.errors = faults;
            }
            Error::TooManyRequests { retry_after, .. } => {
                headers.insert(header::RETRY_AFTER, retry_after.as_secs().max(1).into());
            }
            Error::Unavailable(_) | Error::TimedOut(_) => {
                headers.insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
            }
            _ => {}
        }
        response.extensions_mut().insert(problem);
        response
    }
}

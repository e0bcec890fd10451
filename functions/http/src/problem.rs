use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use serde_json::Value;
use shared::{Code, Error, Fault};
use utoipa::ToSchema;

/// How many faults a problem lists.
pub(crate) const MAX_FAULTS: usize = 100;

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
    /// What kind of problem it is, for programs.
    code: Code,
    /// What happened and what to do, for a person.
    detail: String,
    /// The request's id, as in `X-Request-Id`.
    instance: String,
    /// With 422: every field that is wrong, up to a hundred.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false, max_items = 100)]
    errors: Vec<Fault>,
    /// Whether more fields are wrong than `errors` lists; absent if not.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    #[schema(required = false)]
    more: bool,
    /// With 412: the resource as it is now.
    #[serde(skip_serializing_if = "Option::is_none")]
    current: Option<Value>,
}

impl Problem {
    /// A problem, before it is known which request it belongs to.
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

    /// The problem of an answer that some layer made without one: 404 and 405 of the router, 413 of the body limit.
    pub(crate) fn of_status(status: StatusCode) -> Self {
        let (code, detail) = match status {
            StatusCode::NOT_FOUND => {
                (Code::NotFound, "There is nothing at this address. GET /docs shows what there is.")
            }
            StatusCode::METHOD_NOT_ALLOWED => {
                (Code::MethodNotAllowed, "This address does not take this method. `Allow` names those that it takes.")
            }
            StatusCode::PAYLOAD_TOO_LARGE => (Code::BodyTooLarge, "The request body is larger than 256 KB."),
            StatusCode::UNSUPPORTED_MEDIA_TYPE => {
                (Code::UnsupportedMediaType, "Send JSON, with Content-Type: application/json.")
            }
            // What a layer says of a body that breaks off or is not what its headers say.
            status if status.is_client_error() => (Code::MalformedJson, "The request body could not be read."),
            _ => (Code::InternalError, "Something went wrong on our side."),
        };
        Self { title: status.canonical_reason().unwrap_or("Error"), status: status.as_u16(), ..Self::new(code, detail) }
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

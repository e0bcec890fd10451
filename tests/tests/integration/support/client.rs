use axum::{
    Router,
    body::Body,
    http::{HeaderMap, HeaderName, HeaderValue, Method, Request},
};
use http_body_util::BodyExt;
use lambda_http::{
    aws_lambda_events::apigw::{ApiGatewayV2httpRequestContext, ApiGatewayV2httpRequestContextHttpDescription},
    request::RequestContext,
};
use serde_json::Value;
use shared::Code;
use tower::ServiceExt;
use uuid::Uuid;

use super::Operation;

/// Sends requests as the gateway passes them to the functions, and checks the conventions for every answer.
#[derive(Clone)]
pub(crate) struct Client {
    router: Router,
    headers: HeaderMap,
    ip_address: String,
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    /// `Null` without a body, a string if the body is not JSON.
    pub(crate) body: Value,
    request: String,
}

impl Client {
    pub(super) fn new(router: Router) -> Self {
        Self { router, headers: HeaderMap::new(), ip_address: "203.0.113.7".into() }
    }

    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.insert(HeaderName::try_from(name).unwrap(), HeaderValue::try_from(value).unwrap());
        self
    }

    pub(crate) fn if_match(self, etag: &str) -> Self {
        self.header("if-match", etag)
    }

    pub(crate) fn idempotency_key(self, key: &str) -> Self {
        self.header("idempotency-key", key)
    }

    pub(crate) fn calling_from(mut self, ip_address: &str) -> Self {
        self.ip_address = ip_address.into();
        self
    }

    pub(crate) async fn get(&self, path: &str) -> Reply {
        self.send("GET", path, None).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Reply {
        self.send("DELETE", path, None).await
    }

    pub(crate) async fn post(&self, path: &str, body: impl Into<Option<Value>>) -> Reply {
        self.send("POST", path, body.into()).await
    }

    pub(crate) async fn put(&self, path: &str, body: impl Into<Option<Value>>) -> Reply {
        self.send("PUT", path, body.into()).await
    }

    pub(crate) async fn patch(&self, path: &str, body: impl Into<Option<Value>>) -> Reply {
        self.send("PATCH", path, body.into()).await
    }

    pub(crate) async fn send(&self, method: &str, path: &str, body: Option<Value>) -> Reply {
        match body {
            Some(body) => self.send_raw(method, path, Some("application/json"), body.to_string()).await,
            None => self.send_raw(method, path, None, "").await,
        }
    }

    pub(crate) async fn send_raw(
        &self,
        method: &str,
        path: &str,
        content_type: Option<&str>,
        body: impl Into<Vec<u8>>,
    ) -> Reply {
        let request_id = Uuid::now_v7().to_string();
        let mut request = Request::builder().method(Method::try_from(method).unwrap()).uri(path);
        if let Some(content_type) = content_type {
            request = request.header("content-type", content_type);
        }
        let mut request = request.body(Body::from(body.into())).unwrap();
        request.headers_mut().extend(self.headers.clone());
        request.extensions_mut().insert(self.context(request_id.clone()));

        let (parts, body) = self.router.clone().oneshot(request).await.unwrap().into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        let body = match bytes.as_ref() {
            [] => Value::Null,
            bytes => serde_json::from_slice(bytes).unwrap_or_else(|_| String::from_utf8_lossy(bytes).into()),
        };
        let operation = Operation::of(method, path);
        let mut path = path.to_owned();
        if let Some((at, _)) = path.char_indices().nth(200) {
            path.truncate(at);
        }
        let reply =
            Reply { status: parts.status.as_u16(), headers: parts.headers, body, request: format!("{method} {path}") };
        reply.check_conventions(&request_id);
        // The document does not list server errors.
        let documented =
            operation.is_none_or(|operation| operation.statuses.contains(&reply.status) || reply.status == 500);
        assert!(documented, "{reply}\nThe document says nothing of this status.");
        reply
    }

    fn context(&self, request_id: String) -> RequestContext {
        let mut http = ApiGatewayV2httpRequestContextHttpDescription::default();
        http.source_ip = Some(self.ip_address.clone());
        let mut context = ApiGatewayV2httpRequestContext::default();
        context.request_id = Some(request_id);
        context.http = http;
        RequestContext::ApiGatewayV2(context)
    }
}

impl Reply {
    /// Checks what every answer must have: the request's id, `nosniff`, and the form of a problem if it is an error.
    fn check_conventions(&self, request_id: &str) {
        assert_eq!(self.header("x-request-id"), request_id, "{self}");
        assert_eq!(self.header("x-content-type-options"), "nosniff", "{self}");
        assert!(self.headers.contains_key("cache-control"), "{self}");
        // An unhealthy service answers with its health, for monitors.
        if self.status < 400 || self.request == "GET /v1/health" {
            return;
        }
        assert_eq!(self.header("content-type"), "application/problem+json", "{self}");
        assert_eq!(self.body["type"], "about:blank", "{self}");
        assert_eq!(self.body["status"], self.status, "{self}");
        assert_eq!(self.body["instance"], request_id, "{self}");
        let code: Code =
            serde_json::from_value(self.body["code"].clone()).unwrap_or_else(|error| panic!("{error}: {self}"));
        assert_eq!(code.status(), self.status, "{self}");
        assert!(self.body["title"].is_string() && self.body["detail"].is_string(), "{self}");
        assert_eq!(self.status == 422, self.body["errors"].is_array(), "{self}");
        assert_eq!(self.status == 412, self.body["current"].is_object(), "{self}");
        assert_eq!(self.status == 401, self.headers.contains_key("www-authenticate"), "{self}");
        assert_eq!(matches!(self.status, 429 | 503), self.headers.contains_key("retry-after"), "{self}");
        assert_eq!(self.status == 405, self.headers.contains_key("allow"), "{self}");
    }

    /// Returns the value of a header; empty if it is missing.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub(crate) fn etag(&self) -> &str {
        self.header("etag")
    }

    /// Returns the body, and checks the status.
    #[track_caller]
    pub(crate) fn ok(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{self}");
        self.body
    }

    /// Returns the status and the body, without what differs between requests.
    pub(crate) fn comparable(mut self) -> (u16, Value) {
        if let Some(instance) = self.body.get_mut("instance") {
            instance.take();
        }
        (self.status, self.body)
    }

    /// Checks that exactly these fields were reported as invalid, each for at least one reason.
    #[track_caller]
    pub(crate) fn wrong(self, pointers: &[&str]) {
        assert_eq!(self.status, 422, "{self}");
        let faults = self.body["errors"].as_array().unwrap();
        let mut found: Vec<_> = faults.iter().map(|fault| fault["pointer"].as_str().unwrap()).collect();
        found.dedup();
        assert_eq!(found, pointers, "{self}");
        assert!(faults.iter().all(|fault| fault["detail"].as_str().is_some_and(|detail| !detail.is_empty())), "{self}");
    }
}

impl std::fmt::Display for Reply {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} answered {}\n{:?}\n{:#}", self.request, self.status, self.headers, self.body)
    }
}

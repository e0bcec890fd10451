//! `GET /v1/openapi.json`

use axum::{
    http::header,
    response::{IntoResponse, Response},
};

use taskbell_http::Function;

/// Generated from the code by `make generate`. A test fails if it is out of date.
const DOCUMENT: &str = include_str!("../../../openapi.json");

pub(crate) const FUNCTION: Function = Function::DEFAULT;

/// Returns this document.
///
/// OpenAPI 3.1, as JSON. Needs no access token.
#[utoipa::path(get, path = "/v1/openapi.json", operation_id = "get-openapi", tag = "service", security(()),
    responses((status = 200, body = serde_json::Value)))]
pub(crate) async fn get_openapi() -> Response {
    let headers = [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "public, max-age=300")];
    (headers, DOCUMENT).into_response()
}

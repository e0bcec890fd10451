//! `GET /v1/openapi.json`

use std::sync::OnceLock;

use axum::{
    http::header,
    response::{IntoResponse, Response},
};

/// The OpenAPI 3.1 document, made from the code of the handlers.
#[utoipa::path(get, path = "/v1/openapi.json", operation_id = "get-openapi", tag = "service", security(()),
    responses((status = 200, body = serde_json::Value)))]
pub async fn get_openapi() -> Response {
    static DOCUMENT: OnceLock<String> = OnceLock::new();
    let document = DOCUMENT.get_or_init(|| crate::routes::document().to_json().unwrap_or_default());
    let headers = [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "public, max-age=300")];
    (headers, document.as_str()).into_response()
}

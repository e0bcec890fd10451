//! `GET /docs`

use axum::response::Response;

use super::pages::page;

/// A page that shows the API. It loads nothing from elsewhere.
#[utoipa::path(get, path = "/docs", operation_id = "get-docs", tag = "service", security(()),
    responses((status = 200, content_type = "text/html", body = String)))]
pub async fn get_docs() -> Response {
    page(include_str!(concat!(env!("OUT_DIR"), "/docs.html")))
}

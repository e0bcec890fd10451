//! `GET /docs`

use axum::response::Response;
use taskbell_http::{Function, page};

pub(crate) const FUNCTION: Function = Function::DEFAULT;

/// Shows this documentation as a page.
///
/// Requests can be sent from the page. It loads nothing from other servers.
#[utoipa::path(get, path = "/docs", operation_id = "get-docs", tag = "service", security(()),
    responses((status = 200, content_type = "text/html", body = String)))]
pub(crate) async fn get_docs() -> Response {
    page::docs()
}

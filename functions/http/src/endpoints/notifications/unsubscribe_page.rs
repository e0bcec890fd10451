//! `GET /v1/unsubscribe`

use axum::{extract::State, http::StatusCode, response::Response};

use taskbell_http::{
    ApiResult, AppState, Function, Key,
    extract::{Anonymous, QueryParams},
    page::{self, Unsubscribe},
    unsubscribing::{UnsubscribeParams, about},
};

pub(crate) const FUNCTION: Function = Function { keys: &[Key::Unsubscribe], ..Function::DEFAULT };

/// Shows a page that asks whether to unsubscribe from e-mails.
///
/// E-mails link to it. Needs no access token. Opening it changes nothing, because e-mail scanners open links.
#[utoipa::path(get, path = "/v1/unsubscribe", operation_id = "unsubscribe-page", tag = "notifications", security(()),
    params(UnsubscribeParams), responses(
        (status = 200, content_type = "text/html", body = String),
        (status = 400, description = "The link is not valid.", content_type = "text/html", body = String),
    ))]
pub(crate) async fn unsubscribe_page(
    State(state): State<AppState>,
    _: Anonymous,
    QueryParams(params): QueryParams<UnsubscribeParams>,
) -> ApiResult<Response> {
    let (status, state) = match state.unsubscribe_key()?.verify(&params.token) {
        Some(link) => (StatusCode::OK, page::State::Ask { about: about(&link) }),
        None => (StatusCode::BAD_REQUEST, page::State::BadLink),
    };
    Ok(page::render(status, &Unsubscribe { state })?)
}

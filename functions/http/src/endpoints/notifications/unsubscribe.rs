//! `POST /v1/unsubscribe`

use axum::{extract::State, http::StatusCode, response::Response};
use shared::{Error, db::preferences, domain::notification_kind::NotificationKind};

use taskbell_http::{
    ApiResult, AppState, Function, Key,
    extract::{Anonymous, QueryParams},
    page::{self, Unsubscribe},
    unsubscribing::{UnsubscribeParams, about},
};

pub(crate) const FUNCTION: Function = Function { keys: &[Key::Unsubscribe], ..Function::DEFAULT };

/// Unsubscribes from the kinds of e-mails that the link in an e-mail names.
///
/// Needs no access token. E-mail clients call it for their own unsubscribe button (RFC 8058), with the form field
/// `List-Unsubscribe=One-Click`. The form field `all=true` unsubscribes from all kinds that can be turned off.
#[utoipa::path(post, path = "/v1/unsubscribe", operation_id = "unsubscribe", tag = "notifications", security(()),
    params(UnsubscribeParams), responses(
        (status = 200, content_type = "text/html", body = String),
        (status = 400, description = "The link is not valid.", content_type = "text/html", body = String),
    ))]
pub(crate) async fn unsubscribe(
    State(state): State<AppState>,
    _: Anonymous,
    QueryParams(params): QueryParams<UnsubscribeParams>,
    form: String,
) -> ApiResult<Response> {
    let Some(link) = state.unsubscribe_key()?.verify(&params.token) else {
        return Ok(page::render(StatusCode::BAD_REQUEST, &Unsubscribe { state: page::State::BadLink })?);
    };
    let all = form.split('&').any(|field| field == "all=true");
    let kinds = if all { NotificationKind::ALL } else { link.kinds.as_slice() };
    let mut tx = state.begin().await?;
    match preferences::unsubscribe(&mut tx, link.user_id, kinds, all || link.summary).await {
        Ok(()) => tx.commit(&state.queues).await?,
        Err(Error::NotFound) => {} // A deleted user gets no e-mails.
        Err(error) => return Err(error.into()),
    }
    let about = if all { "anything".into() } else { about(&link) };
    Ok(page::render(StatusCode::OK, &Unsubscribe { state: page::State::Done { about } })?)
}

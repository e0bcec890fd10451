//! `POST /v1/unsubscribe`

use axum::{Json, extract::State};
use serde::Serialize;
use shared::{Code, Error, db::preferences, domain::notification_kind::NotificationKind};
use utoipa::ToSchema;

use taskbell_http::{
    ApiResult, AppState, Function, Key,
    extract::{Anonymous, QueryParams},
    unsubscribing::UnsubscribeParams,
};

/// What a person is unsubscribed from.
#[derive(Serialize, ToSchema)]
pub(crate) struct Unsubscribed {
    /// The kinds of notifications that are no longer sent by e-mail.
    kinds: Vec<NotificationKind>,
    /// Whether the daily summary is no longer sent.
    summary: bool,
}

pub(crate) const FUNCTION: Function = Function { keys: &[Key::Unsubscribe], ..Function::DEFAULT };

/// Unsubscribes from the kinds of e-mails that the link in an e-mail names.
///
/// Needs no access token. E-mail clients call it for their own unsubscribe button (RFC 8058), with the form field
/// `List-Unsubscribe=One-Click`. The form field `all=true` unsubscribes from all kinds that can be turned off.
#[utoipa::path(post, path = "/v1/unsubscribe", operation_id = "unsubscribe", tag = "notifications", security(()),
    params(UnsubscribeParams), responses((status = 200, body = Unsubscribed), (status = 400)))]
pub(crate) async fn unsubscribe(
    State(state): State<AppState>,
    _: Anonymous,
    QueryParams(params): QueryParams<UnsubscribeParams>,
    form: String,
) -> ApiResult<Json<Unsubscribed>> {
    let Some(link) = state.unsubscribe_key()?.verify(&params.token) else {
        return Err(Error::bad_request(Code::InvalidParameter, "token is not the token of an unsubscribe link.").into());
    };
    let all = form.split('&').any(|field| field == "all=true");
    let kinds = if all { NotificationKind::ALL.to_vec() } else { link.kinds };
    let summary = all || link.summary;
    let mut tx = state.begin().await?;
    match preferences::unsubscribe(&mut tx, link.user_id, &kinds, summary).await {
        Ok(()) => tx.commit(&state.queues).await?,
        Err(Error::NotFound) => {} // A deleted user gets no e-mails.
        Err(error) => return Err(error.into()),
    }
    Ok(Json(Unsubscribed { kinds, summary }))
}

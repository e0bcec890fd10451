//! `GET /v1/unsubscribe`

use axum::{extract::State, response::Redirect};
use shared::mail::Links;

use taskbell_http::{
    AppState, Function,
    extract::{Anonymous, QueryParams},
    unsubscribing::UnsubscribeParams,
};

pub(crate) const FUNCTION: Function = Function::DEFAULT;

/// Leads to the page of the browser client that asks whether to unsubscribe from e-mails.
///
/// Mail programs may open the address that `POST` uses. Needs no access token. Opening it changes nothing, because e-mail
/// scanners open links; whether the token is valid is checked by `POST`.
#[utoipa::path(get, path = "/v1/unsubscribe", operation_id = "unsubscribe-page", tag = "notifications", security(()),
    params(UnsubscribeParams), responses(
        (status = 303, description = "The page is opened with the same token.", headers(("Location"))),
        (status = 400),
    ))]
pub(crate) async fn unsubscribe_page(
    State(state): State<AppState>,
    _: Anonymous,
    QueryParams(params): QueryParams<UnsubscribeParams>,
) -> Redirect {
    Redirect::to(&Links::new(&state.settings.public_url).unsubscribe(&params.token))
}

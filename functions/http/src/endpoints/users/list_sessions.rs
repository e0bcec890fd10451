//! `GET /v1/users/me/sessions`

use axum::{Json, extract::State};
use shared::{
    db::{page::Page, sessions},
    domain::account::Session,
};

use taskbell_http::{
    ApiResult, AppState, Function,
    extract::{Authenticated, PageParams, QueryParams},
};

pub(crate) const FUNCTION: Function = Function::DEFAULT;

/// Lists the sessions of the caller, newest first.
///
/// A session starts when the user logs in on a device. It ends when they log out or do not use it for a long time.
#[utoipa::path(get, path = "/v1/users/me/sessions", operation_id = "list-sessions", tag = "accounts",
    params(PageParams), responses((status = 200, body = Page<Session>)))]
pub(crate) async fn list_sessions(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    QueryParams(page): QueryParams<PageParams>,
) -> ApiResult<Json<Page<Session>>> {
    let page = page.request()?;
    Ok(Json(sessions::list(&mut *state.connection().await?, &caller, &page).await?))
}

//! `GET /v1/users/me/sessions`, `DELETE /v1/users/me/sessions/{id}`

use axum::{Json, extract::State, http::StatusCode};
use shared::{
    Error,
    db::{page::Page, sessions},
    domain::account::Session,
};
use uuid::Uuid;

use crate::{
    Answer, AppState,
    extract::{Authenticated, Id, PageParams, Params},
};

/// Lists where one is logged in, newest first.
#[utoipa::path(get, path = "/v1/users/me/sessions", operation_id = "list-sessions", tag = "accounts",
    params(PageParams), responses((status = 200, body = Page<Session>)))]
pub async fn list_sessions(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Params(page): Params<PageParams>,
) -> Answer<Json<Page<Session>>> {
    let page = page.request()?;
    Ok(Json(sessions::list(&mut *state.db.acquire().await?, &caller, &page).await?))
}

/// Logs one of one's sessions out. Its access tokens stop working at once.
#[utoipa::path(delete, path = "/v1/users/me/sessions/{id}", operation_id = "delete-session", tag = "accounts",
    params(("id" = Uuid, Path)), responses((status = 204)))]
pub async fn delete_session(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Id(id): Id<Uuid>,
) -> Answer<StatusCode> {
    let mut tx = state.begin().await?;
    if !sessions::revoke(&mut tx, caller.id, id).await? {
        return Err(Error::NotFound.into());
    }
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

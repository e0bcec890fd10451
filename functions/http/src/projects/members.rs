//! `GET /v1/projects/{id}/members`, `PUT /v1/projects/{id}/members/{user_id}`, `DELETE /v1/projects/{id}/members/{user_id}`

use axum::{Json, extract::State, http::StatusCode};
use shared::{
    Error,
    db::{members, page::Page, projects, users},
    domain::project::Member,
};
use uuid::Uuid;

use crate::{
    Answer, AppState,
    extract::{Authenticated, Id, PageParams, Params},
};

/// Lists who belongs to a project, in the order in which they were added.
#[utoipa::path(get, path = "/v1/projects/{id}/members", operation_id = "list-members", tag = "projects",
    params(("id" = Uuid, Path), PageParams), responses((status = 200, body = Page<Member>)))]
pub async fn list_members(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Id(id): Id<Uuid>,
    Params(page): Params<PageParams>,
) -> Answer<Json<Page<Member>>> {
    let page = page.request()?;
    let mut conn = state.db.acquire().await?;
    let project = projects::find(&mut conn, &caller, id, false).await?;
    Ok(Json(members::list(&mut conn, project.id, &page).await?))
}

/// Adds someone to a project: administrators to any, managers to their own. Doing it again changes nothing.
#[utoipa::path(put, path = "/v1/projects/{id}/members/{user_id}", operation_id = "add-member", tag = "projects",
    params(("id" = Uuid, Path), ("user_id" = Uuid, Path)), responses((status = 204)))]
pub async fn add_member(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Id((id, user_id)): Id<(Uuid, Uuid)>,
) -> Answer<StatusCode> {
    let mut tx = state.begin().await?;
    let project = projects::lock(&mut tx, &caller, id, false).await?;
    caller.may_manage(&project)?;
    if !users::find(&mut tx, user_id).await?.active {
        return Err(Error::Conflict("This account is not active.".into()).into());
    }
    if members::add(&mut tx, project.id, user_id).await? {
        members::announce(&mut tx, &caller, project.id, user_id).await?;
    }
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Removes someone from a project: administrators from any, managers from their own. Their tasks there lose their assignee.
#[utoipa::path(delete, path = "/v1/projects/{id}/members/{user_id}", operation_id = "remove-member", tag = "projects",
    params(("id" = Uuid, Path), ("user_id" = Uuid, Path)),
    responses((status = 204), (status = 409, description = "The owner cannot be removed.", body = crate::Problem)))]
pub async fn remove_member(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Id((id, user_id)): Id<(Uuid, Uuid)>,
) -> Answer<StatusCode> {
    let mut tx = state.begin().await?;
    let project = projects::lock(&mut tx, &caller, id, false).await?;
    caller.may_manage(&project)?;
    if user_id == project.owner_id {
        return Err(Error::Conflict("The owner of a project cannot be removed from it.".into()).into());
    }
    if !members::remove(&mut tx, &caller, project.id, user_id).await? {
        return Err(Error::NotFound.into());
    }
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

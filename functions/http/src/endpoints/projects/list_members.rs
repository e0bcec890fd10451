//! `GET /v1/projects/{id}/members`

use axum::{Json, extract::State};
use shared::{
    db::{members, page::Page, projects},
    domain::project::{Member, Trash},
};
use uuid::Uuid;

use taskbell_http::{
    ApiResult, AppState, Function,
    extract::{Authenticated, PageParams, PathId, QueryParams},
};

pub(crate) const FUNCTION: Function = Function::DEFAULT;

/// Lists the members of a project, in the order in which they were added.
///
/// Members of the project may do this, and administrators. The project may be in the trash.
#[utoipa::path(get, path = "/v1/projects/{id}/members", operation_id = "list-members", tag = "projects",
    params(("id" = Uuid, Path), PageParams), responses((status = 200, body = Page<Member>)))]
pub(crate) async fn list_members(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    PathId(id): PathId<Uuid>,
    QueryParams(page): QueryParams<PageParams>,
) -> ApiResult<Json<Page<Member>>> {
    let page = page.request()?;
    let mut conn = state.connection().await?;
    let project = projects::find(&mut conn, &caller, id, Trash::Included).await?;
    Ok(Json(members::list(&mut conn, project.id, &page).await?))
}

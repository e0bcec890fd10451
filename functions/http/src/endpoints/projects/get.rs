//! `GET /v1/projects/{id}`

use axum::extract::State;
use shared::{
    db::projects,
    domain::project::{Project, Trash},
};
use uuid::Uuid;

use taskbell_http::{
    ApiResult, AppState, Function,
    extract::{Authenticated, PathId},
    respond::WithEtag,
};

pub(crate) const FUNCTION: Function = Function::DEFAULT;

/// Returns a project.
///
/// Its members may do this, and administrators.
#[utoipa::path(get, path = "/v1/projects/{id}", operation_id = "get-project", tag = "projects",
    params(("id" = Uuid, Path)), responses((status = 200, body = Project)))]
pub(crate) async fn get_project(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    PathId(id): PathId<Uuid>,
) -> ApiResult<WithEtag<Project>> {
    let project = projects::find(&mut *state.connection().await?, &caller, id, Trash::Excluded).await?;
    Ok(WithEtag(project.version, project))
}

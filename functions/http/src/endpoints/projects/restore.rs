//! `POST /v1/projects/{id}/restore`

use axum::extract::State;
use shared::{
    db::{locks, projects},
    domain::{
        access::Own,
        project::{Project, Trash},
    },
};
use uuid::Uuid;

use taskbell_http::{
    ApiResult, AppState, Function, Problem, Topic,
    extract::{Authenticated, PathId},
    respond::WithEtag,
};

pub(crate) const FUNCTION: Function = Function { sends: &[Topic::Events], ..Function::DEFAULT };

/// Restores a project from the trash.
///
/// Its owner may do this, and administrators. Tasks that were moved to the trash with it are restored, too.
#[utoipa::path(post, path = "/v1/projects/{id}/restore", operation_id = "restore-project", tag = "projects",
    params(("id" = Uuid, Path)), responses((status = 200, body = Project),
        (status = 409, description = "The project has been in the trash for more than thirty days.", body = Problem), (status = 403)))]
pub(crate) async fn restore_project(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    PathId(id): PathId<Uuid>,
) -> ApiResult<WithEtag<Project>> {
    let project = locks::retrying(|| async {
        let mut tx = state.begin().await?;
        let project = projects::lock(&mut tx, &caller, id, Trash::Only, Own).await?;
        projects::restore(&mut tx, &project).await?;
        let project = projects::find(&mut tx, &caller, id, Trash::Excluded).await?;
        tx.commit(&state.queues).await?;
        Ok(project)
    })
    .await?;
    Ok(WithEtag(project.version, project))
}

//! `POST /v1/projects/{id}/restore`

use axum::extract::State;
use shared::{db::projects, domain::project::Project};
use uuid::Uuid;

use taskbell_http::{
    Answer, AppState, Problem,
    extract::{Authenticated, Id},
    respond::Tagged,
};

/// Takes a project out of the trash, with the tasks that went there with it: administrators any, managers their own.
#[utoipa::path(post, path = "/v1/projects/{id}/restore", operation_id = "restore-project", tag = "projects",
    params(("id" = Uuid, Path)), responses((status = 200, body = Project),
        (status = 409, description = "Its thirty days in the trash are over.", body = Problem)))]
pub(crate) async fn restore_project(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Id(id): Id<Uuid>,
) -> Answer<Tagged<Project>> {
    let mut tx = state.begin().await?;
    let project = projects::lock(&mut tx, &caller, id, true).await?;
    caller.may_manage(&project)?;
    let outgoing = projects::restore(&mut tx, &caller, project.id).await?;
    let project = projects::find(&mut tx, &caller, id, false).await?;
    state.commit(tx, outgoing).await?;
    Ok(Tagged(project.version, project))
}

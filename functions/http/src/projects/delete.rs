//! `DELETE /v1/projects/{id}`

use axum::{extract::State, http::StatusCode};
use shared::db::projects;
use uuid::Uuid;

use taskbell_http::{
    Answer, AppState, Problem,
    extract::{Authenticated, Id, IfMatch},
};

/// Puts a project and its tasks into the trash: administrators any, managers their own.
#[utoipa::path(delete, path = "/v1/projects/{id}", operation_id = "delete-project", tag = "projects",
    params(("If-Match" = Option<String>, Header), ("id" = Uuid, Path)),
    responses((status = 204), (status = 409, description = "It is personal.", body = Problem)))]
pub(crate) async fn delete_project(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Id(id): Id<Uuid>,
    if_match: IfMatch,
) -> Answer<StatusCode> {
    let mut tx = state.begin().await?;
    let project = projects::lock(&mut tx, &caller, id, false).await?;
    caller.may_manage(&project)?;
    if_match.check(project.version, &project)?;
    let outgoing = projects::delete(&mut tx, &caller, project.id).await?;
    state.commit(tx, outgoing).await?;
    Ok(StatusCode::NO_CONTENT)
}

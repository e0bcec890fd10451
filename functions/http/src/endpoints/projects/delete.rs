//! `DELETE /v1/projects/{id}`

use axum::{extract::State, http::StatusCode};
use shared::{
    db::{locks, projects},
    domain::{access::Own, project::Trash},
};
use uuid::Uuid;

use taskbell_http::{
    ApiResult, AppState, Function, Problem, Topic,
    extract::{Authenticated, IfMatch, PathId},
};

pub(crate) const FUNCTION: Function = Function { sends: &[Topic::Events], ..Function::DEFAULT };

/// Moves a project and its tasks to the trash.
///
/// Its owner may do this, and administrators. It can be restored for thirty days, and is then deleted permanently.
/// Personal projects cannot be deleted.
#[utoipa::path(delete, path = "/v1/projects/{id}", operation_id = "delete-project", tag = "projects",
    params(("If-Match" = Option<String>, Header), ("id" = Uuid, Path)),
    responses((status = 204), (status = 409, description = "Personal projects cannot be deleted.", body = Problem), (status = 403)))]
pub(crate) async fn delete_project(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    PathId(id): PathId<Uuid>,
    if_match: IfMatch,
) -> ApiResult<StatusCode> {
    locks::retrying(|| async {
        let mut tx = state.begin().await?;
        let project = projects::lock(&mut tx, &caller, id, Trash::Excluded, Own).await?;
        if_match.check(project.version, &*project)?;
        projects::delete(&mut tx, &project).await?;
        tx.commit(&state.queues).await
    })
    .await?;
    Ok(StatusCode::NO_CONTENT)
}

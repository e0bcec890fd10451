//! `DELETE /v1/projects/{id}/members/{user_id}`

use axum::{extract::State, http::StatusCode};
use shared::{
    db::{locks, members, projects},
    domain::{access::Manage, project::Trash},
};
use uuid::Uuid;

use taskbell_http::{
    ApiResult, AppState, Function, Problem, Topic,
    extract::{Authenticated, PathId},
};

pub(crate) const FUNCTION: Function = Function { sends: &[Topic::Events], ..Function::DEFAULT };

/// Removes a member from a project.
///
/// Managers of the project may do this, and administrators. The project may be in the trash. Tasks of the project that
/// are assigned to the member become unassigned. The owner cannot be removed.
#[utoipa::path(delete, path = "/v1/projects/{id}/members/{user_id}", operation_id = "remove-member", tag = "projects",
    params(("id" = Uuid, Path), ("user_id" = Uuid, Path)),
    responses((status = 204), (status = 409, description = "The project is personal, or the person is its owner.", body = Problem), (status = 403)))]
pub(crate) async fn remove_member(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    PathId((id, user_id)): PathId<(Uuid, Uuid)>,
) -> ApiResult<StatusCode> {
    locks::retrying(|| async {
        let mut tx = state.begin().await?;
        let project = projects::lock(&mut tx, &caller, id, Trash::Included, Manage).await?;
        members::remove(&mut tx, &project, user_id).await?;
        tx.commit(&state.queues).await
    })
    .await?;
    Ok(StatusCode::NO_CONTENT)
}

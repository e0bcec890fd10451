//! `DELETE /v1/projects/{id}/watchers/me`

use axum::{extract::State, http::StatusCode};
use shared::db::{locks, project_watchers};
use uuid::Uuid;

use taskbell_http::{
    ApiResult, AppState, Function, Problem,
    extract::{Authenticated, PathId},
};

pub(crate) const FUNCTION: Function = Function::DEFAULT;

/// Stops watching a project.
///
/// The caller is still notified of what concerns them otherwise. Does nothing if they do not watch the project.
#[utoipa::path(delete, path = "/v1/projects/{id}/watchers/me", operation_id = "unwatch-project", tag = "projects",
    params(("id" = Uuid, Path)),
    responses((status = 204), (status = 409, description = "It is the personal project of another user.", body = Problem)))]
pub(crate) async fn unwatch_project(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    PathId(id): PathId<Uuid>,
) -> ApiResult<StatusCode> {
    locks::retrying(|| async {
        let mut tx = state.begin().await?;
        let project = project_watchers::share(&mut tx, &caller, id).await?;
        project_watchers::remove(&mut tx, &project).await?;
        tx.commit(&state.queues).await
    })
    .await?;
    Ok(StatusCode::NO_CONTENT)
}

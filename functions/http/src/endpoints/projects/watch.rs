//! `PUT /v1/projects/{id}/watchers/me`

use axum::{extract::State, http::StatusCode};
use shared::db::{locks, project_watchers};
use uuid::Uuid;

use taskbell_http::{
    ApiResult, AppState, Function, Problem,
    extract::{Authenticated, PathId},
};

pub(crate) const FUNCTION: Function = Function::DEFAULT;

/// Watches a project.
///
/// The caller is notified of everything that happens to its tasks, also of new ones. Everybody who sees the project may
/// do this. Does nothing if the caller already watches the project.
#[utoipa::path(put, path = "/v1/projects/{id}/watchers/me", operation_id = "watch-project", tag = "projects",
    params(("id" = Uuid, Path)),
    responses((status = 204), (status = 409, description = "It is the personal project of another user.", body = Problem)))]
pub(crate) async fn watch_project(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    PathId(id): PathId<Uuid>,
) -> ApiResult<StatusCode> {
    locks::retrying(|| async {
        let mut tx = state.begin().await?;
        let project = project_watchers::share(&mut tx, &caller, id).await?;
        project_watchers::add(&mut tx, &project).await?;
        tx.commit(&state.queues).await
    })
    .await?;
    Ok(StatusCode::NO_CONTENT)
}

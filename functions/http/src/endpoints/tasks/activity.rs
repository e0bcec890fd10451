//! `GET /v1/tasks/{id}/activity`

use axum::{Json, extract::State};
use shared::{
    db::{
        page::Page,
        task_history,
        tasks::{self, TaskRef},
    },
    domain::activity::Activity,
};

use taskbell_http::{
    ApiResult, AppState, Function,
    extract::{Authenticated, PageParams, PathId, QueryParams},
};

pub(crate) const FUNCTION: Function = Function::DEFAULT;

/// Lists the changes of a task, newest first.
///
/// Each entry has the user, the field, its old and new values, and the time. Everybody who sees the task may do this.
/// Changes made while the task was in an Inbox are visible to the owner of the Inbox only.
#[utoipa::path(get, path = "/v1/tasks/{id}/activity", operation_id = "list-activity", tag = "tasks",
    params(("id" = String, Path, description = "Id or key of the task."), PageParams),
    responses((status = 200, body = Page<Activity>)))]
pub(crate) async fn list_activity(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    PathId(id): PathId<String>,
    QueryParams(page): QueryParams<PageParams>,
) -> ApiResult<Json<Page<Activity>>> {
    let (task, page): (TaskRef, _) = (id.parse()?, page.request()?);
    let mut conn = state.connection().await?;
    let task = tasks::find(&mut conn, &caller, &task).await?;
    Ok(Json(task_history::list(&mut conn, &caller, task.id, &page).await?))
}

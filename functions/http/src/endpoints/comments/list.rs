//! `GET /v1/tasks/{id}/comments`

use axum::{Json, extract::State};
use shared::{
    db::{
        comments,
        page::Page,
        tasks::{self, TaskRef},
    },
    domain::comment::Comment,
};

use taskbell_http::{
    ApiResult, AppState, Function,
    extract::{Authenticated, PageParams, PathId, QueryParams},
};

pub(crate) const FUNCTION: Function = Function::DEFAULT;

/// Lists the comments on a task, oldest first.
///
/// Everybody who sees the task may do this. Comments made while the task was in an Inbox are
/// visible to the owner of the Inbox only.
#[utoipa::path(get, path = "/v1/tasks/{id}/comments", operation_id = "list-comments", tag = "comments",
    params(("id" = String, Path, description = "Id or key of the task."), PageParams),
    responses((status = 200, body = Page<Comment>)))]
pub(crate) async fn list_comments(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    PathId(id): PathId<String>,
    QueryParams(page): QueryParams<PageParams>,
) -> ApiResult<Json<Page<Comment>>> {
    let (task, page): (TaskRef, _) = (id.parse()?, page.request()?);
    let mut conn = state.connection().await?;
    let task = tasks::find(&mut conn, &caller, &task).await?;
    Ok(Json(comments::list(&mut conn, &caller, task.id, &page).await?))
}

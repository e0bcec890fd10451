//! `GET /v1/tasks`

use axum::{Json, extract::State};
use shared::{
    db::{page::Page, task_list},
    domain::task::Task,
};

use taskbell_http::{
    ApiResult, AppState, Function, TaskParams,
    extract::{Authenticated, QueryParams, page_request},
};

pub(crate) const FUNCTION: Function = Function::DEFAULT;

/// Lists tasks.
///
/// Lists tasks of projects that the caller belongs to; administrators see all tasks. A task is listed if it matches every
/// given parameter. A parameter that takes a list takes values separated by commas, and a task matches it if it matches
/// one of the values.
#[utoipa::path(get, path = "/v1/tasks", operation_id = "list-tasks", tag = "tasks",
    params(TaskParams), responses((status = 200, body = Page<Task>)))]
pub(crate) async fn list_tasks(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    QueryParams(mut params): QueryParams<TaskParams>,
) -> ApiResult<Json<Page<Task>>> {
    let page = page_request(params.limit, params.cursor.take())?;
    let filter = params.filter(&caller)?;
    Ok(Json(task_list::list(&mut *state.connection().await?, &caller, &filter, &page).await?))
}

//! `GET /v1/tasks/count`

use axum::{Json, extract::State};
use shared::db::task_list::{self, TaskCount};

use taskbell_http::{
    ApiResult, AppState, Function, TaskParams,
    extract::{Authenticated, QueryParams, page_request},
};

pub(crate) const FUNCTION: Function = Function::DEFAULT;

/// Counts tasks.
///
/// Takes the parameters of `GET /v1/tasks`, and counts all tasks that they match, whatever the page, up to 1,000.
#[utoipa::path(get, path = "/v1/tasks/count", operation_id = "count-tasks", tag = "tasks",
    params(TaskParams), responses((status = 200, body = TaskCount)))]
pub(crate) async fn count_tasks(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    QueryParams(mut params): QueryParams<TaskParams>,
) -> ApiResult<Json<TaskCount>> {
    page_request(params.limit, params.cursor.take())?;
    let filter = params.filter(&caller)?;
    Ok(Json(task_list::count(&mut *state.connection().await?, &caller, &filter).await?))
}

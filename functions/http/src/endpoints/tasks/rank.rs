//! `PUT /v1/tasks/{id}/rank`

use axum::extract::State;
use serde::Deserialize;
use shared::{
    db::{
        locks, ranks,
        tasks::{self, TaskRef},
    },
    domain::{access::Order, task::Task},
};
use utoipa::ToSchema;
use uuid::Uuid;

use taskbell_http::{
    ApiResult, AppState, Function, Problem, Topic,
    extract::{Authenticated, IfMatch, PathId, ValidJson},
    respond::WithEtag,
};

/// Request body for putting a task in another place. At least one of the two is an id.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewPlace {
    /// The task that it then stands before: directly, unless `after` is given.
    before: Option<Uuid>,
    /// The task that it then stands directly behind.
    after: Option<Uuid>,
}

pub(crate) const FUNCTION: Function = Function { sends: &[Topic::Events], ..Function::DEFAULT };

/// Puts a task in another place among the tasks of its project.
///
/// Whoever may create tasks in the project may do this. The order is that of `sort=rank`. It increments the version of the
/// task, but is not in its history, and nobody is notified.
#[utoipa::path(put, path = "/v1/tasks/{id}/rank", operation_id = "rank-task", tag = "tasks",
    params(("If-Match" = Option<String>, Header), ("id" = String, Path, description = "Id or key of the task.")), request_body = NewPlace,
    responses((status = 200, body = Task), (status = 409, description = "`after` now stands behind `before`.", body = Problem), (status = 403)))]
pub(crate) async fn rank_task(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    PathId(id): PathId<String>,
    if_match: IfMatch,
    ValidJson { value: place, .. }: ValidJson<NewPlace>,
) -> ApiResult<WithEtag<Task>> {
    let task: TaskRef = id.parse()?;
    let task = locks::retrying(|| async {
        let mut tx = state.begin().await?;
        let mut task = tasks::lock_alone(&mut tx, &caller, &task, None, Order).await?;
        if_match.check(task.version, &*task)?;
        ranks::put(&mut tx, &mut task, place.before, place.after).await?;
        tx.commit(&state.queues).await?;
        Ok(task.into_inner())
    })
    .await?;
    Ok(WithEtag(task.version, task))
}

//! `GET /v1/projects/{id}/changes`

use axum::{Json, extract::State};
use serde::Deserialize;
use shared::{
    db::{feed, projects},
    domain::{feed::Feed, project::Trash},
};
use utoipa::IntoParams;
use uuid::Uuid;

use taskbell_http::{
    ApiError, ApiResult, AppState, Function, Problem,
    extract::{Authenticated, PathId, QueryParams},
};

/// The place in a feed.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ChangesParams {
    /// The `n` of the last change that the client knows, or 0. Without it, there are no items.
    since: Option<u32>,
}

pub(crate) const FUNCTION: Function = Function::DEFAULT;

/// Lists the changes of a project after a known one, oldest first.
///
/// Everybody who sees the project may do this. `n` counts the changes of the project without gaps, in the order in
/// which they were committed. The response has at most 200 changes, and fewer if their texts are long. If `more` is true,
/// there are others after the `n` of the last item. Changes are kept for 30 days.
#[utoipa::path(get, path = "/v1/projects/{id}/changes", operation_id = "list-changes", tag = "projects",
    params(("id" = Uuid, Path), ChangesParams),
    responses((status = 200, body = Feed), (status = 410, body = Problem, description =
        "Changes after `since` are no longer kept, or there is no change `since`. Load the project again, and continue with its `last`.")))]
pub(crate) async fn list_changes(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    PathId(id): PathId<Uuid>,
    params: Result<QueryParams<ChangesParams>, ApiError>,
) -> ApiResult<Json<Feed>> {
    let mut conn = state.connection().await?;
    projects::find(&mut conn, &caller, id, Trash::Excluded).await?;
    // Only now: who may not see the project gets 404, whatever the parameters.
    let QueryParams(ChangesParams { since }) = params?;
    let Some(since) = since else {
        return Ok(Json(Feed { items: Vec::new(), last: feed::last(&mut conn, id).await?, more: false }));
    };
    Ok(Json(feed::list(&mut conn, caller.id, id, since.into()).await?))
}

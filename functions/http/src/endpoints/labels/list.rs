//! `GET /v1/labels`

use axum::{Json, extract::State};
use serde::{Deserialize, Serialize};
use shared::db::labels::{self, LabelCount};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use taskbell_http::{
    ApiResult, AppState, Function,
    extract::{Authenticated, QueryParams, search_text},
};

/// Filters of a list of labels.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct LabelParams {
    /// Id of a project.
    project_id: Option<Uuid>,
    /// Text in the label. Case does not matter.
    #[param(max_length = 200)]
    q: Option<String>,
}

/// Labels, the most frequent first.
#[derive(Serialize, ToSchema)]
pub(crate) struct Labels {
    /// At most 200.
    items: Vec<LabelCount>,
}

pub(crate) const FUNCTION: Function = Function::DEFAULT;

/// Lists labels.
///
/// Lists the 200 most frequent labels of tasks that the caller sees, with the number of tasks outside the trash. Labels
/// of several projects that differ only in case are one.
#[utoipa::path(get, path = "/v1/labels", operation_id = "list-labels", tag = "tasks",
    params(LabelParams), responses((status = 200, body = Labels)))]
pub(crate) async fn list_labels(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    QueryParams(params): QueryParams<LabelParams>,
) -> ApiResult<Json<Labels>> {
    let q = search_text(params.q)?;
    let q = q.as_deref().map(str::trim);
    let items = labels::list(&mut *state.connection().await?, &caller, params.project_id, q).await?;
    Ok(Json(Labels { items }))
}

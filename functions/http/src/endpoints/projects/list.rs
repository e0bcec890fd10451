//! `GET /v1/projects`

use std::collections::HashMap;

use axum::{Json, extract::State};
use serde::Deserialize;
use shared::{
    Code, Error,
    db::{page::Page, projects},
    domain::project::ListedProject,
};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use taskbell_http::{
    ApiResult, AppState, Function,
    extract::{Authenticated, QueryParams, page_request},
};

/// Filter and page of a list of projects.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ProjectParams {
    /// `true`: projects in the trash only.
    #[serde(default)]
    deleted: bool,
    /// `counts`: with `open_count`, `overdue_count` and `unread_count`, each up to 1,000. `limit` is at most 50 then.
    #[param(inline)]
    with: Option<With>,
    /// Items on the page, 1 to 200. Defaults to 50.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u8>,
    /// `next_cursor` of the previous page.
    cursor: Option<String>,
}

/// What a list adds to each project.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum With {
    Counts,
}

/// The most projects that are counted at once.
const MAX_COUNTED: u8 = 50;

pub(crate) const FUNCTION: Function = Function::DEFAULT;

/// Lists the projects of the caller, newest first.
///
/// Includes the caller's Inbox, which is a personal project. Administrators see all projects.
#[utoipa::path(get, path = "/v1/projects", operation_id = "list-projects", tag = "projects",
    params(ProjectParams), responses((status = 200, body = Page<ListedProject>)))]
pub(crate) async fn list_projects(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    QueryParams(params): QueryParams<ProjectParams>,
) -> ApiResult<Json<Page<ListedProject>>> {
    let page = page_request(params.limit, params.cursor)?;
    if params.with.is_some() && page.limit > MAX_COUNTED {
        let detail = format!("limit must be from 1 to {MAX_COUNTED} with counts.");
        return Err(Error::bad_request(Code::InvalidParameter, detail).into());
    }
    let mut conn = state.connection().await?;
    let Page { items, next_cursor } = projects::list(&mut conn, &caller, params.deleted, &page).await?;
    let mut counts = HashMap::new();
    if params.with.is_some() {
        let ids: Vec<Uuid> = items.iter().map(|project| project.id).collect();
        counts = projects::counts(&mut conn, caller.id, &ids).await?;
    }
    let items = items
        .into_iter()
        .map(|project| {
            let counts = counts.remove(&project.id);
            ListedProject::new(project, counts)
        })
        .collect();
    Ok(Json(Page { items, next_cursor }))
}

//! `GET /v1/projects`

use axum::{Json, extract::State};
use serde::Deserialize;
use shared::{
    db::{page::Page, projects},
    domain::project::Project,
};
use utoipa::IntoParams;

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
    /// Items on the page, 1 to 200. Defaults to 50.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u8>,
    /// `next_cursor` of the previous page.
    cursor: Option<String>,
}

pub(crate) const FUNCTION: Function = Function::DEFAULT;

/// Lists the projects of the caller, newest first.
///
/// Includes the caller's Inbox, which is a personal project. Administrators see all projects.
#[utoipa::path(get, path = "/v1/projects", operation_id = "list-projects", tag = "projects",
    params(ProjectParams), responses((status = 200, body = Page<Project>)))]
pub(crate) async fn list_projects(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    QueryParams(params): QueryParams<ProjectParams>,
) -> ApiResult<Json<Page<Project>>> {
    let page = page_request(params.limit, params.cursor)?;
    Ok(Json(projects::list(&mut *state.connection().await?, &caller, params.deleted, &page).await?))
}

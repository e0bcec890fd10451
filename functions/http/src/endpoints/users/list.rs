//! `GET /v1/users`

use axum::{Json, extract::State};
use serde::Deserialize;
use shared::{
    db::{
        page::Page,
        users::{self, UserFilter},
    },
    domain::account::{Role, User},
};
use utoipa::IntoParams;

use taskbell_http::{
    ApiResult, AppState, Function,
    extract::{Authenticated, Csv, QueryParams, page_request, search_text},
};

/// Which accounts.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct UserParams {
    /// A part of the name or the address; at most eight words.
    #[param(max_length = 200)]
    q: Option<String>,
    /// Roles, separated by commas.
    #[serde(default)]
    #[param(value_type = Option<String>, example = "manager,admin")]
    role: Csv<Role>,
    /// Only accounts that are, or are not, active.
    active: Option<bool>,
    /// How many, 1 to 200; 50 unless given.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u8>,
    /// The `next_cursor` of the page before.
    cursor: Option<String>,
}

pub(crate) const FUNCTION: Function = Function::DEFAULT;

/// Lists accounts, by name.
///
/// Managers and administrators see all accounts; users see the people with whom they share a project.
#[utoipa::path(get, path = "/v1/users", operation_id = "list-users", tag = "accounts",
    params(UserParams), responses((status = 200, body = Page<User>)))]
pub(crate) async fn list_users(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    QueryParams(params): QueryParams<UserParams>,
) -> ApiResult<Json<Page<User>>> {
    let page = page_request(params.limit, params.cursor)?;
    let filter = UserFilter { q: search_text(params.q)?, roles: params.role.distinct(), active: params.active };
    Ok(Json(users::list(&mut *state.connection().await?, &caller, &filter, &page).await?))
}

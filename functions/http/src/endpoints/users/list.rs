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
use uuid::Uuid;

use taskbell_http::{
    ApiResult, AppState, Function,
    extract::{Authenticated, Csv, QueryParams, page_request, search_text},
};

/// The most accounts that one request names: as many as a page has.
const MAX_IDS: usize = 200;

/// Filters and page of a list of accounts.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct UserParams {
    /// Ids of accounts, separated by commas, at most 200: their names. All are on the first page, unless `limit` is given.
    #[serde(default)]
    #[param(value_type = Option<String>)]
    ids: Csv<Uuid, MAX_IDS>,
    /// Text in the name or the e-mail address. At most eight words.
    #[param(max_length = 200)]
    q: Option<String>,
    /// Roles, separated by commas.
    #[serde(default)]
    #[param(value_type = Option<String>, example = "manager,admin")]
    role: Csv<Role>,
    /// `true`: active accounts only. `false`: inactive accounts only.
    active: Option<bool>,
    /// Items on the page, 1 to 200. Defaults to 50.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u8>,
    /// `next_cursor` of the previous page.
    cursor: Option<String>,
}

pub(crate) const FUNCTION: Function = Function::DEFAULT;

/// Lists accounts, ordered by name.
///
/// Managers and administrators see all accounts; users see the people they share a project with.
#[utoipa::path(get, path = "/v1/users", operation_id = "list-users", tag = "accounts",
    params(UserParams), responses((status = 200, body = Page<User>)))]
pub(crate) async fn list_users(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    QueryParams(params): QueryParams<UserParams>,
) -> ApiResult<Json<Page<User>>> {
    let ids = params.ids.distinct();
    let limit = if ids.is_empty() { params.limit } else { params.limit.or(u8::try_from(MAX_IDS).ok()) };
    let page = page_request(limit, params.cursor)?;
    let filter = UserFilter { ids, q: search_text(params.q)?, roles: params.role.distinct(), active: params.active };
    Ok(Json(users::list(&mut *state.connection().await?, &caller, &filter, &page).await?))
}

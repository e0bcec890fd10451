//! `PATCH /v1/users/me`

use axum::extract::State;
use serde::Deserialize;
use shared::{db::users, domain::account::User};
use utoipa::ToSchema;

use taskbell_http::{
    ApiResult, AppState, Function,
    extract::{Authenticated, IfMatch, ValidJson},
    respond::WithEtag,
};

/// Request body for changing the caller's account.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct MyPatch {
    /// Name that other users see.
    #[schema(value_type = String, required = false, format = "name", min_length = 1, max_length = 100)]
    name: Option<String>,
    /// IANA time zone.
    #[schema(value_type = String, required = false, format = "time-zone", max_length = 100)]
    time_zone: Option<String>,
}

pub(crate) const FUNCTION: Function = Function::DEFAULT;

/// Changes the name or the time zone of the caller.
///
/// Quiet hours, daily summaries and the days in reports are in this time zone.
#[utoipa::path(patch, path = "/v1/users/me", operation_id = "update-me", tag = "accounts",
    params(("If-Match" = Option<String>, Header)), request_body = MyPatch, responses((status = 200, body = User)))]
pub(crate) async fn update_me(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    if_match: IfMatch,
    ValidJson { value: patch, .. }: ValidJson<MyPatch>,
) -> ApiResult<WithEtag<User>> {
    let mut tx = state.begin().await?;
    let mut user = users::lock(&mut tx, caller.id).await?;
    if_match.check(user.version, &user)?;
    let name = patch.name.map_or_else(|| user.name.clone(), |name| name.trim().to_owned());
    let time_zone = patch.time_zone.unwrap_or_else(|| user.time_zone.clone());
    if (&name, &time_zone) != (&user.name, &user.time_zone) {
        (user.name, user.time_zone) = (name, time_zone);
        users::save(&mut tx, &mut user).await?;
        tx.commit(&state.queues).await?;
    }
    Ok(WithEtag(user.version, user))
}

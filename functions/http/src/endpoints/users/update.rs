//! `PATCH /v1/users/{id}`

use axum::extract::State;
use serde::Deserialize;
use shared::{
    Code, Error,
    db::{one_time_tokens, sessions, users, watchers},
    domain::account::{Role, User},
};
use utoipa::ToSchema;
use uuid::Uuid;

use taskbell_http::{
    ApiResult, AppState, Function, Problem, Topic,
    extract::{Administrator, IfMatch, PathId, ValidJson},
    respond::WithEtag,
};

/// Request body for changing an account.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct UserPatch {
    /// Name that other users see.
    #[schema(value_type = String, required = false, format = "name", min_length = 1, max_length = 100)]
    name: Option<String>,
    /// Role.
    #[schema(value_type = Role, required = false)]
    role: Option<Role>,
    /// Whether the account is active. Deactivating it ends all its sessions at once.
    #[schema(value_type = bool, required = false)]
    active: Option<bool>,
}

pub(crate) const FUNCTION: Function = Function { sends: &[Topic::Events], ..Function::DEFAULT };

/// Changes the name or the role of an account, or whether it is active.
///
/// Administrators may do this. Deactivating an account ends all its sessions. The last active administrator cannot be
/// deactivated or given another role.
#[utoipa::path(patch, path = "/v1/users/{id}", operation_id = "update-user", tag = "accounts",
    params(("If-Match" = Option<String>, Header), ("id" = Uuid, Path)), request_body = UserPatch,
    responses((status = 200, body = User), (status = 409, description = "The account is the last active administrator.", body = Problem), (status = 403)))]
pub(crate) async fn update_user(
    State(state): State<AppState>,
    Administrator(caller): Administrator,
    PathId(id): PathId<Uuid>,
    if_match: IfMatch,
    ValidJson { value: patch, .. }: ValidJson<UserPatch>,
) -> ApiResult<WithEtag<User>> {
    let mut tx = state.begin().await?;
    // All administrators before the account: every request locks in the same order.
    let admins = users::lock_admins(&mut tx).await?;
    if !admins.contains(&caller.id) {
        return Err(Error::forbidden(Code::AdministratorRequired, "Only an administrator may do this.").into());
    }
    let mut user = users::lock(&mut tx, id).await?;
    if_match.check(user.version, &user)?;

    let was_admin = user.role == Role::Admin && user.active;
    let before = (user.name.clone(), user.role, user.active);
    user.name = patch.name.map_or(user.name, |name| name.trim().to_owned());
    user.role = patch.role.unwrap_or(user.role);
    user.active = patch.active.unwrap_or(user.active);
    if was_admin && admins.len() == 1 && !(user.role == Role::Admin && user.active) {
        return Err(Error::conflict(
            Code::LastAdministrator,
            "There must be an active administrator. Make another user an administrator first.",
        )
        .into());
    }
    if before != (user.name.clone(), user.role, user.active) {
        users::save(&mut tx, &mut user).await?;
        if before.1 == Role::Admin && user.role != Role::Admin {
            watchers::remove_unseen(&mut tx, user.id).await?;
        }
        if !user.active {
            one_time_tokens::void_reset_links(&mut tx, user.id).await?;
            sessions::revoke_all(&mut tx, user.id, None).await?;
        }
        tx.commit(&state.queues).await?;
    }
    Ok(WithEtag(user.version, user))
}

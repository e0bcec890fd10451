//! `DELETE /v1/users/me/sessions/{id}`

use axum::{extract::State, http::StatusCode};
use shared::db::sessions;
use uuid::Uuid;

use taskbell_http::{
    ApiResult, AppState, Function, Topic,
    extract::{Authenticated, PathId},
};

pub(crate) const FUNCTION: Function = Function { sends: &[Topic::Events], ..Function::DEFAULT };

/// Ends a session of the caller.
///
/// Access tokens of the session stop working at once.
#[utoipa::path(delete, path = "/v1/users/me/sessions/{id}", operation_id = "delete-session", tag = "accounts",
    params(("id" = Uuid, Path)), responses((status = 204)))]
pub(crate) async fn delete_session(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    PathId(id): PathId<Uuid>,
) -> ApiResult<StatusCode> {
    let mut tx = state.begin().await?;
    sessions::revoke(&mut tx, caller.id, id).await?;
    tx.commit(&state.queues).await?;
    Ok(StatusCode::NO_CONTENT)
}

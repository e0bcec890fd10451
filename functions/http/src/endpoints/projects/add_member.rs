//! `PUT /v1/projects/{id}/members/{user_id}`

use axum::{extract::State, http::StatusCode};
use serde::Deserialize;
use shared::{
    db::{locks, members, projects},
    domain::{
        access::Manage,
        project::{ProjectRole, Trash},
    },
};
use utoipa::ToSchema;
use uuid::Uuid;

use taskbell_http::{
    ApiResult, AppState, Function, Problem, Topic,
    extract::{Authenticated, PathId, ValidJson},
};

/// Request body for adding a member, or for changing their role.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct MemberRole {
    /// Role in the project.
    role: ProjectRole,
}

pub(crate) const FUNCTION: Function = Function { sends: &[Topic::Events], ..Function::DEFAULT };

/// Adds a person to a project, or changes the role of a member.
///
/// Managers of the project may do this, and administrators. Without a request body, a new member gets the role `member`,
/// and a member keeps theirs. The new member is notified. Tasks of the project that are assigned to a person who
/// becomes a viewer become unassigned.
#[utoipa::path(put, path = "/v1/projects/{id}/members/{user_id}", operation_id = "add-member", tag = "projects",
    params(("id" = Uuid, Path), ("user_id" = Uuid, Path)), request_body = Option<MemberRole>,
    responses((status = 204), (status = 409, body = Problem, description =
        "The project is personal, the account is not active, or the person is the owner, who is a manager."), (status = 403)))]
pub(crate) async fn add_member(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    PathId((id, user_id)): PathId<(Uuid, Uuid)>,
    body: Option<ValidJson<MemberRole>>,
) -> ApiResult<StatusCode> {
    let role = body.map(|body| body.value.role);
    locks::retrying(|| async {
        let mut tx = state.begin().await?;
        let project = projects::lock(&mut tx, &caller, id, Trash::Excluded, Manage).await?;
        members::set(&mut tx, &project, user_id, role).await?;
        tx.commit(&state.queues).await
    })
    .await?;
    Ok(StatusCode::NO_CONTENT)
}

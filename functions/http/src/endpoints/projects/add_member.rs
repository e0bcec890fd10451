//! `PUT /v1/projects/{id}/members/{user_id}`

use axum::{extract::State, http::StatusCode};
use shared::{
    Code, Error,
    db::{members, projects, users},
};
use uuid::Uuid;

use taskbell_http::{
    Answer, AppState, Function, Problem, Topic,
    extract::{Authenticated, Id},
};

pub(crate) const FUNCTION: Function = Function { sends: &[Topic::Events], ..Function::DEFAULT };

/// Adds a person to a project.
///
/// The manager who owns the project may do this, and administrators. The person is notified. Adding somebody who is a
/// member already changes nothing.
#[utoipa::path(put, path = "/v1/projects/{id}/members/{user_id}", operation_id = "add-member", tag = "projects",
    params(("id" = Uuid, Path), ("user_id" = Uuid, Path)),
    responses((status = 204), (status = 409, description = "The project is personal, or the account is not active.", body = Problem), (status = 403)))]
pub(crate) async fn add_member(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Id((id, user_id)): Id<(Uuid, Uuid)>,
) -> Answer<StatusCode> {
    let mut tx = state.begin().await?;
    let project = projects::lock(&mut tx, &caller, id, projects::State::InUse).await?;
    caller.may_manage(&project)?;
    if !users::find(&mut tx, user_id).await?.active {
        return Err(Error::conflict(Code::AccountInactive, "This account is not active.").into());
    }
    if members::add(&mut tx, project.id, user_id).await? {
        members::announce(&mut tx, &caller, project.id, user_id, false).await?;
        tx.commit(&state.queues).await?;
    }
    Ok(StatusCode::NO_CONTENT)
}

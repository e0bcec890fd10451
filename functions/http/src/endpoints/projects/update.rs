//! `PATCH /v1/projects/{id}`

use axum::extract::State;
use serde::Deserialize;
use shared::{
    db::{members, projects},
    domain::project::Project,
};
use utoipa::ToSchema;
use uuid::Uuid;

use taskbell_http::{
    Answer, AppState, Function, Problem, Topic,
    extract::{Authenticated, Id, IfMatch, ValidJson, double_option},
    respond::Tagged,
};

/// What is to change in a project.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ProjectPatch {
    /// One line.
    #[schema(value_type = String, required = false, format = "line", min_length = 1, max_length = 100)]
    name: Option<String>,
    /// Markdown; null clears it.
    #[serde(default, deserialize_with = "double_option")]
    #[schema(value_type = Option<String>, format = "text", max_length = 20000)]
    description: Option<Option<String>>,
    /// Hands the project on to an active member whose account is a manager's or an administrator's. Who owned it stays a member.
    #[schema(value_type = Uuid, required = false)]
    owner_id: Option<Uuid>,
}

pub(crate) const FUNCTION: Function = Function { sends: &[Topic::Events], ..Function::DEFAULT };

/// Changes a project.
///
/// The manager who owns it may do this, and administrators. Owners may hand their project on even if their account is no
/// longer a manager's, and also while it is in the trash. A personal project cannot be changed.
#[utoipa::path(patch, path = "/v1/projects/{id}", operation_id = "update-project", tag = "projects",
    params(("If-Match" = Option<String>, Header), ("id" = Uuid, Path)), request_body = ProjectPatch,
    responses((status = 200, body = Project), (status = 409, description = "The project is personal.", body = Problem), (status = 403)))]
pub(crate) async fn update_project(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Id(id): Id<Uuid>,
    if_match: IfMatch,
    ValidJson { value: patch, .. }: ValidJson<ProjectPatch>,
) -> Answer<Tagged<Project>> {
    let mut tx = state.begin().await?;
    let changes_more = patch.owner_id.is_none() || patch.name.is_some() || patch.description.is_some();
    // A project in the trash can be handed on, so that its new owner can restore it.
    let state_of = if changes_more { projects::State::InUse } else { projects::State::Any };
    let mut project = projects::lock(&mut tx, &caller, id, state_of).await?;
    if patch.owner_id.is_some() {
        caller.may_hand_on(&project)?;
    }
    if changes_more {
        caller.may_manage(&project)?;
    }
    if_match.check(project.version, &project)?;
    let name = patch.name.map_or_else(|| project.name.clone(), |name| name.trim().to_owned());
    let description = patch.description.map_or_else(|| project.description.clone(), Option::unwrap_or_default);
    let owner_id = patch.owner_id.unwrap_or(project.owner_id);
    if owner_id != project.owner_id {
        projects::check_owner(&mut tx, project.id, owner_id).await?;
        members::announce(&mut tx, &caller, project.id, owner_id, true).await?;
    }
    if (&name, &description, owner_id) != (&project.name, &project.description, project.owner_id) {
        (project.name, project.description, project.owner_id) = (name, description, owner_id);
        projects::save(&mut tx, &mut project).await?;
        tx.commit(&state.queues).await?;
    }
    Ok(Tagged(project.version, project))
}

//! `PATCH /v1/projects/{id}`

use axum::extract::State;
use serde::Deserialize;
use shared::{
    db::projects,
    domain::{
        access::{Manage, Own},
        project::{Project, Trash},
    },
};
use utoipa::ToSchema;
use uuid::Uuid;

use taskbell_http::{
    ApiResult, AppState, Function, Problem, Topic,
    extract::{Authenticated, IfMatch, PathId, ValidJson, double_option},
    respond::WithEtag,
};

/// Request body for changing a project. Absent fields stay unchanged.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ProjectPatch {
    /// Name, one line.
    #[schema(value_type = String, required = false, format = "line", min_length = 1, max_length = 100)]
    name: Option<String>,
    /// Description in Markdown. `null` clears it.
    #[serde(default, deserialize_with = "double_option")]
    #[schema(value_type = Option<String>, format = "text", max_length = 20000)]
    description: Option<Option<String>>,
    /// New owner: an active member whose account has the role `manager` or `admin`. The former owner stays a manager of the
    /// project.
    #[schema(value_type = Uuid, required = false)]
    owner_id: Option<Uuid>,
}

pub(crate) const FUNCTION: Function = Function { sends: &[Topic::Events], ..Function::DEFAULT };

/// Changes a project.
///
/// Managers of the project may do this, and administrators. Only its owner and administrators may change the owner, also
/// while the project is in the trash. Personal projects cannot be changed.
#[utoipa::path(patch, path = "/v1/projects/{id}", operation_id = "update-project", tag = "projects",
    params(("If-Match" = Option<String>, Header), ("id" = Uuid, Path)), request_body = ProjectPatch,
    responses((status = 200, body = Project), (status = 409, description = "Personal projects cannot be changed.", body = Problem), (status = 403)))]
pub(crate) async fn update_project(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    PathId(id): PathId<Uuid>,
    if_match: IfMatch,
    ValidJson { value: patch, .. }: ValidJson<ProjectPatch>,
) -> ApiResult<WithEtag<Project>> {
    let mut tx = state.begin().await?;
    let (mut project, handed_on) = if let Some(owner_id) = patch.owner_id {
        // The owner of a project in the trash can be changed, so that the new owner can restore it.
        let only = patch.name.is_none() && patch.description.is_none();
        let trash = if only { Trash::Included } else { Trash::Excluded };
        let mut project = projects::lock(&mut tx, &caller, id, trash, Own).await?;
        if_match.check(project.version, &*project)?;
        let handed_on = owner_id != project.owner_id;
        if handed_on {
            projects::hand_on(&mut tx, &mut project, owner_id).await?;
        }
        (project.into(), handed_on)
    } else {
        let project = projects::lock(&mut tx, &caller, id, Trash::Excluded, Manage).await?;
        if_match.check(project.version, &*project)?;
        (project, false)
    };
    let name = patch.name.map_or_else(|| project.name.clone(), |name| name.trim().to_owned());
    let description = patch.description.map_or_else(|| project.description.clone(), Option::unwrap_or_default);
    if handed_on || (&name, &description) != (&project.name, &project.description) {
        (project.name, project.description) = (name, description);
        projects::save(&mut tx, &mut project).await?;
        tx.commit(&state.queues).await?;
    }
    Ok(WithEtag(project.version, project.into_inner()))
}

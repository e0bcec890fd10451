//! `POST /v1/projects`

use axum::{extract::State, response::Response};
use serde::Deserialize;
use shared::{
    Code, Error,
    db::{Tx, projects},
    domain::project::{Project, is_reserved_key},
};
use utoipa::ToSchema;

use taskbell_http::{
    ApiResult, AppState, Created, Function, IdempotentRequest, Problem,
    extract::{IdempotencyKey, Manager, ValidJson},
};

/// Request body for creating a project.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewProject {
    /// Key, unique and permanent. The keys of the project's tasks begin with it.
    #[schema(pattern = "^[A-Z][A-Z0-9]{1,9}$", example = "WEB")]
    key: String,
    /// Name, one line.
    #[schema(format = "line", min_length = 1, max_length = 100)]
    name: String,
    /// Description in Markdown.
    #[schema(format = "text", max_length = 20000)]
    description: Option<String>,
}

pub(crate) const FUNCTION: Function = Function::DEFAULT;

/// Creates a project.
///
/// Managers and administrators may do this. The caller becomes its owner and first member. The key cannot be changed
/// later.
#[utoipa::path(post, path = "/v1/projects", operation_id = "create-project", tag = "projects",
    params(("Idempotency-Key" = Option<String>, Header)), request_body = NewProject,
    responses((status = 201, body = Project), (status = 409, description = "A project with this key exists.", body = Problem), (status = 403)))]
pub(crate) async fn create_project(
    State(state): State<AppState>,
    Manager(caller): Manager,
    key: IdempotencyKey,
    ValidJson { value: new, digest }: ValidJson<NewProject>,
) -> ApiResult<Response> {
    if is_reserved_key(&new.key) {
        return Err(Error::invalid_as(
            Code::ProjectKeyReserved,
            "/key",
            "must not be IN followed by a number: such keys are reserved for personal projects",
        )
        .into());
    }
    let request = IdempotentRequest::new("create-project", &caller, &key, &digest);
    let create = async |tx: &mut Tx| {
        let description = new.description.unwrap_or_default();
        let project = projects::create(tx, &caller, &new.key, new.name.trim(), &description).await?;
        Ok(Created::versioned(format!("/v1/projects/{}", project.id), project.version, project))
    };
    Ok(state.create(state.begin().await?, request, create).await?)
}

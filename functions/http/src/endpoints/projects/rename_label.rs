//! `PUT /v1/projects/{id}/labels/{label}`

use axum::{Json, extract::State};
use serde::{Deserialize, Serialize};
use shared::{
    db::{labels, locks, projects},
    domain::{access::ManageLabels, project::Trash, text::compose},
};
use utoipa::ToSchema;
use uuid::Uuid;

use taskbell_http::{
    ApiResult, AppState, Function, Topic,
    bodies::Label,
    extract::{Authenticated, PathId, ValidJson},
};

/// Request body for renaming a label.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewLabel {
    /// The new name. If the project has such a label, the two become one.
    #[schema(value_type = Label)]
    label: String,
}

/// The result of renaming a label.
#[derive(Serialize, ToSchema)]
pub(crate) struct Renamed {
    /// The number of tasks that changed.
    changed: usize,
}

pub(crate) const FUNCTION: Function = Function { sends: &[Topic::Events], ..Function::DEFAULT };

/// Renames a label of a project, or merges it with another.
///
/// Managers of the project may do this, and administrators. All tasks of the project that have the label change, also those in
/// the trash. Nobody is notified.
#[utoipa::path(put, path = "/v1/projects/{id}/labels/{label}", operation_id = "rename-label", tag = "projects",
    params(("id" = Uuid, Path), ("label" = String, Path, description = "The label. Case does not matter.")), request_body = NewLabel,
    responses((status = 200, body = Renamed), (status = 403)))]
pub(crate) async fn rename_label(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    PathId((id, label)): PathId<(Uuid, String)>,
    ValidJson { value: new, .. }: ValidJson<NewLabel>,
) -> ApiResult<Json<Renamed>> {
    let (from, to) = (compose(label), new.label.trim());
    let changed = locks::retrying(|| async {
        let mut tx = state.begin().await?;
        let project = projects::lock(&mut tx, &caller, id, Trash::Excluded, ManageLabels).await?;
        let changed = labels::rename(&mut tx, &project, &from, to).await?;
        tx.commit(&state.queues).await?;
        Ok(changed)
    })
    .await?;
    Ok(Json(Renamed { changed }))
}

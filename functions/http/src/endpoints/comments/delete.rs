//! `DELETE /v1/comments/{id}`

use axum::{extract::State, http::StatusCode};
use shared::{
    db::{comments, locks},
    domain::access::Delete,
};
use uuid::Uuid;

use taskbell_http::{
    ApiResult, AppState, Function, Topic,
    extract::{Authenticated, IfMatch, PathId},
};

pub(crate) const FUNCTION: Function = Function { sends: &[Topic::Events], ..Function::DEFAULT };

/// Deletes a comment.
///
/// Its author may do this, and managers who belong to the project, and administrators.
#[utoipa::path(delete, path = "/v1/comments/{id}", operation_id = "delete-comment", tag = "comments",
    params(("If-Match" = Option<String>, Header), ("id" = Uuid, Path)), responses((status = 204), (status = 403)))]
pub(crate) async fn delete_comment(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    PathId(id): PathId<Uuid>,
    if_match: IfMatch,
) -> ApiResult<StatusCode> {
    locks::retrying(|| async {
        let mut tx = state.begin().await?;
        let comment = comments::lock(&mut tx, &caller, id, Delete).await?;
        if_match.check(comment.version, &*comment)?;
        comments::delete(&mut tx, &comment).await?;
        tx.commit(&state.queues).await
    })
    .await?;
    Ok(StatusCode::NO_CONTENT)
}

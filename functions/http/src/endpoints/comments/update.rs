//! `PATCH /v1/comments/{id}`

use axum::extract::State;
use shared::{
    db::{comments, locks},
    domain::{access::Edit, comment::Comment},
};
use uuid::Uuid;

use taskbell_http::{
    ApiResult, AppState, Function, Topic,
    bodies::CommentBody,
    extract::{Authenticated, IfMatch, PathId, ValidJson},
    respond::WithEtag,
};

pub(crate) const FUNCTION: Function = Function { sends: &[Topic::Events], ..Function::DEFAULT };

/// Changes the text of a comment.
///
/// Its author may do this, and managers of the project, and administrators. Users that the new text mentions for the
/// first time are notified.
#[utoipa::path(patch, path = "/v1/comments/{id}", operation_id = "update-comment", tag = "comments",
    params(("If-Match" = Option<String>, Header), ("id" = Uuid, Path)), request_body = CommentBody, responses((status = 200, body = Comment), (status = 403)))]
pub(crate) async fn update_comment(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    PathId(id): PathId<Uuid>,
    if_match: IfMatch,
    ValidJson { value: new, .. }: ValidJson<CommentBody>,
) -> ApiResult<WithEtag<Comment>> {
    let comment = locks::retrying(|| async {
        let mut tx = state.begin().await?;
        let mut comment = comments::lock(&mut tx, &caller, id, Edit).await?;
        if_match.check(comment.version, &*comment)?;
        if comment.body != new.body {
            comments::update(&mut tx, &mut comment, new.body.clone()).await?;
            tx.commit(&state.queues).await?;
        }
        Ok(comment.into_inner())
    })
    .await?;
    Ok(WithEtag(comment.version, comment))
}

//! `POST /v1/tasks/{id}/comments`

use axum::{extract::State, response::Response};
use shared::{
    db::{
        Tx, comments, locks,
        tasks::{self, TaskRef},
    },
    domain::{access::Discuss, comment::Comment},
};

use taskbell_http::{
    ApiResult, AppState, Created, Function, IdempotentRequest, Topic,
    bodies::CommentBody,
    extract::{Authenticated, IdempotencyKey, PathId, ValidJson},
};

pub(crate) const FUNCTION: Function = Function { sends: &[Topic::Events], ..Function::DEFAULT };

/// Creates a comment on a task.
///
/// Everybody who sees the task may do this. `@[name](user:<id>)` in the text mentions a user, who is notified if
/// they may see the task.
#[utoipa::path(post, path = "/v1/tasks/{id}/comments", operation_id = "create-comment", tag = "comments",
    params(("id" = String, Path, description = "Id or key of the task."), ("Idempotency-Key" = Option<String>, Header)),
    request_body = CommentBody, responses((status = 201, body = Comment)))]
pub(crate) async fn create_comment(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    PathId(id): PathId<String>,
    key: IdempotencyKey,
    ValidJson { value: new, digest }: ValidJson<CommentBody>,
) -> ApiResult<Response> {
    let task: TaskRef = id.parse()?;
    let response = locks::retrying(|| async {
        let mut tx = state.begin().await?;
        let task = tasks::lock(&mut tx, &caller, &task, Discuss).await?;
        let operation = format!("create-comment {}", task.id);
        let request = IdempotentRequest::new(&operation, &caller, &key, &digest);
        let write = async |tx: &mut Tx| {
            let comment = comments::create(tx, &task, &new.body).await?;
            Ok(Created::versioned(format!("/v1/comments/{}", comment.id), comment.version, comment))
        };
        state.create(tx, request, write).await
    })
    .await?;
    Ok(response)
}

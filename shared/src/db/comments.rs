//! Comments.

use serde_json::json;
use sqlx::PgConnection;
use uuid::Uuid;

use super::{
    Tx,
    page::{Cursor, Page, PageRequest},
    task_history,
    tasks::{self, TaskRef},
};
use crate::{
    Result,
    domain::{
        Caller,
        access::{Action, Delete, Discuss, Edit, Permitted},
        activity::{ActivityKind, Change, TaskField},
        comment::Comment,
        event::TaskEvent,
        mention::{mentions, newly_mentioned},
        task::Task,
    },
};

/// Creates a comment on a task.
pub async fn create(tx: &mut Tx, task: &Permitted<Task, Discuss>, body: &str) -> Result<Comment> {
    let author = task.caller();
    let comment = sqlx::query_as!(
        Comment,
        "INSERT INTO comments (id, task_id, author_id, body) VALUES ($1, $2, $3, $4)
         RETURNING id, task_id, author_id, body, created_at, updated_at, version",
        Uuid::now_v7(),
        task.id,
        author.id,
        body,
    )
    .fetch_one(&mut **tx)
    .await?;
    let changes = [Change { field: TaskField::Comment, from: json!(null), to: json!(body) }];
    record(tx, author, ActivityKind::Commented, &comment, &changes, mentions(body)).await?;
    Ok(comment)
}

/// Returns the comment with this id, locked until the transaction ends, for a caller who may do `A` to it. The project
/// of its task is shared until then (see [`locks`](super::locks)).
///
/// Fails with [`Error::NotFound`](crate::Error::NotFound) if the caller does not see it, and with
/// [`Error::Forbidden`](crate::Error::Forbidden) if they may not do `A`.
pub async fn lock<A: Action<Comment>>(
    conn: &mut PgConnection,
    caller: &Caller,
    id: Uuid,
    _: A,
) -> Result<Permitted<Comment, A>> {
    let task_id = sqlx::query_scalar!("SELECT task_id FROM comments WHERE id = $1", id).fetch_one(&mut *conn).await?;
    let task = tasks::lock(conn, caller, &TaskRef::Id(task_id), Discuss).await?;
    let comment = sqlx::query_as!(
        Comment,
        "SELECT id, task_id, author_id, body, created_at, updated_at, version FROM comments
         WHERE id = $1 AND (private_to IS NULL OR private_to = $2) FOR UPDATE",
        id,
        caller.id,
    )
    .fetch_one(conn)
    .await?;
    Permitted::check(caller, task.rights(), comment)
}

/// Returns the comment with this id, or `None` if it was deleted. Does not check access: the caller must.
pub async fn find_any(conn: &mut PgConnection, id: Uuid) -> Result<Option<Comment>> {
    let comment = sqlx::query_as!(
        Comment,
        "SELECT id, task_id, author_id, body, created_at, updated_at, version FROM comments WHERE id = $1",
        id,
    )
    .fetch_optional(conn)
    .await?;
    Ok(comment)
}

/// Changes the text of a comment.
pub async fn update(tx: &mut Tx, comment: &mut Permitted<Comment, Edit>, body: String) -> Result<()> {
    let actor = *comment.caller();
    let saved = sqlx::query!(
        "UPDATE comments SET body = $2, version = version + 1, updated_at = now() WHERE id = $1 RETURNING version, updated_at",
        comment.id,
        body,
    )
    .fetch_one(&mut **tx)
    .await?;
    (comment.version, comment.updated_at) = (saved.version, saved.updated_at);
    let from = std::mem::replace(&mut comment.body, body);
    let changes = [Change { field: TaskField::Comment, from: json!(from), to: json!(comment.body) }];
    let mentioned = newly_mentioned(&from, &comment.body);
    record(tx, &actor, ActivityKind::CommentUpdated, comment, &changes, mentioned).await
}

/// Deletes a comment. Its text stays in the activity of the task.
pub async fn delete(tx: &mut Tx, comment: &Permitted<Comment, Delete>) -> Result<()> {
    let changes = [Change { field: TaskField::Comment, from: json!(comment.body), to: json!(null) }];
    record(tx, comment.caller(), ActivityKind::CommentDeleted, comment, &changes, vec![]).await?;
    sqlx::query!("DELETE FROM comments WHERE id = $1", comment.id).execute(&mut **tx).await?;
    Ok(())
}

async fn record(
    tx: &mut Tx,
    actor: &Caller,
    kind: ActivityKind,
    comment: &Comment,
    changes: &[Change],
    mentioned: Vec<Uuid>,
) -> Result<()> {
    let event = task_history::event(kind, comment.task_id, actor.id);
    task_history::record(tx, TaskEvent { comment_id: Some(comment.id), mentioned, ..event }, changes).await
}

/// Returns a page of a task's comments, oldest first. Comments from an Inbox are included only if it was the reader's.
pub async fn list(
    conn: &mut PgConnection,
    reader: &Caller,
    task_id: Uuid,
    page: &PageRequest,
) -> Result<Page<Comment>> {
    let comments = sqlx::query_as!(
        Comment,
        "SELECT id, task_id, author_id, body, created_at, updated_at, version
         FROM comments
         WHERE task_id = $1 AND ($2::uuid IS NULL OR id > $2) AND (private_to IS NULL OR private_to = $4) ORDER BY id LIMIT $3",
        task_id,
        page.after::<Uuid>("comments")?,
        page.fetch(),
        reader.id,
    )
    .fetch_all(conn)
    .await?;
    Ok(page.cut(comments, |comment| Cursor::new("comments", comment.id)))
}

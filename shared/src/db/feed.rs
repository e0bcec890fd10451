//! Reads the feed of a project: its [changes](super::project_changes), with tasks and comments as they are now.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

use super::tasks;
use crate::{
    Code, Error, Result,
    domain::{
        comment::Comment,
        feed::{CommentNow, Feed, FeedEvent, FeedItem, FeedRef, TaskNow},
        task::Task,
    },
};

/// The maximum number of changes in a part of a feed.
pub const MAX_ITEMS: i64 = 200;

/// The greatest [`weight`] of a part of a feed. The response of a function has at most 6 MB (AWS Lambda quotas).
const MAX_WEIGHT: usize = 4_500_000;

struct Row {
    n: i64,
    event: String,
    at: DateTime<Utc>,
    actor_id: Uuid,
    task_id: Option<Uuid>,
    comment_id: Option<Uuid>,
    task_ids: Option<Vec<Uuid>>,
    private_to: Option<Uuid>,
}

/// Returns the number of the last change of a project. Does not check access: the caller must.
pub async fn last(conn: &mut PgConnection, project_id: Uuid) -> Result<i64> {
    Ok(sqlx::query_scalar!("SELECT change_counter FROM projects WHERE id = $1", project_id).fetch_one(conn).await?)
}

/// Fails with [`Code::ChangesExpired`] if there is no change `since`, or if one after it is no longer kept.
pub async fn check_since(conn: &mut PgConnection, project_id: Uuid, since: i64) -> Result<()> {
    rows_since(conn, project_id, since).await?;
    Ok(())
}

/// Returns the changes of a project after `since`, as `reader` may see them: at most [`MAX_ITEMS`]. Does not check
/// whether they may see the project: the caller must.
///
/// Fails as [`check_since`] does.
pub async fn list(conn: &mut PgConnection, reader: Uuid, project_id: Uuid, since: i64) -> Result<Feed> {
    let (last, rows) = rows_since(conn, project_id, since).await?;
    let mut items = show(conn, reader, project_id, rows).await?;
    cut(&mut items);
    let more = items.last().is_some_and(|item| item.n < last);
    Ok(Feed { items, last, more })
}

/// Returns the number of the last change of a project, and the changes after `since`.
async fn rows_since(conn: &mut PgConnection, project_id: Uuid, since: i64) -> Result<(i64, Vec<Row>)> {
    // A row for the project, and one for each change. In one statement, so that all changes up to `last` are seen.
    let found = sqlx::query!(
        r#"SELECT p.change_counter AS last, c.n AS "n?", c.event AS "event?", c.created_at AS "at?", c.actor_id AS "actor_id?",
                  c.task_id, c.comment_id, c.task_ids,
                  COALESCE(c.private_to, (SELECT m.private_to FROM comments m WHERE m.id = c.comment_id)) AS private_to
           FROM projects p LEFT JOIN LATERAL (
               SELECT * FROM project_changes c WHERE c.project_id = p.id AND c.n > $2 ORDER BY c.n LIMIT $3) c ON true
           WHERE p.id = $1 ORDER BY c.n"#,
        project_id,
        since,
        MAX_ITEMS,
    )
    .map(|row| {
        let (task_id, comment_id, task_ids, private_to) = (row.task_id, row.comment_id, row.task_ids, row.private_to);
        let change = row.n.zip(row.event).zip(row.at.zip(row.actor_id));
        let change = change.map(|((n, event), (at, actor_id))| Row {
            n,
            event,
            at,
            actor_id,
            task_id,
            comment_id,
            task_ids,
            private_to,
        });
        (row.last, change)
    })
    .fetch_all(conn)
    .await?;
    let last = found.first().ok_or(Error::NotFound)?.0;
    let rows: Vec<Row> = found.into_iter().filter_map(|(_, change)| change).collect();
    let is_complete = rows.iter().zip(since + 1..).all(|(row, n)| row.n == n);
    if since > last || !is_complete || (rows.is_empty() && since < last) {
        return Err(Error::Gone(
            Code::ChangesExpired,
            "The changes after this one are no longer known. Load the project again, and continue after its last change.",
        ));
    }
    Ok((last, rows))
}

/// Returns a change as `reader` may see it, and who alone may see its comment. `None` if it is no longer kept. Does not
/// check whether they may see the project: the caller must.
pub async fn find(conn: &mut PgConnection, reader: Uuid, change: FeedRef) -> Result<Option<(FeedItem, Option<Uuid>)>> {
    let row = sqlx::query_as!(
        Row,
        "SELECT n, event, created_at AS at, actor_id, task_id, comment_id, task_ids,
                COALESCE(private_to, (SELECT m.private_to FROM comments m WHERE m.id = comment_id)) AS private_to
         FROM project_changes WHERE project_id = $1 AND n = $2",
        change.project_id,
        change.n,
    )
    .fetch_optional(&mut *conn)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let private_to = row.private_to;
    let item = show(conn, reader, change.project_id, vec![row]).await?.pop();
    Ok(item.map(|item| (item, private_to)))
}

/// Returns changes with their tasks and comments as they are now. What happened to a comment that the reader may not
/// see is a change of its task.
async fn show(conn: &mut PgConnection, reader: Uuid, project_id: Uuid, mut rows: Vec<Row>) -> Result<Vec<FeedItem>> {
    for row in &mut rows {
        if row.private_to.is_some_and(|owner| owner != reader) {
            (row.event, row.comment_id) = (FeedEvent::Updated.as_str().into(), None);
        }
    }
    let of_task = |row: &Row| row.task_id.filter(|_| row.comment_id.is_none());
    let tasks = tasks_now(conn, project_id, rows.iter().filter_map(of_task).collect()).await?;
    let comments = comments_now(conn, project_id, rows.iter().filter_map(|row| row.comment_id).collect()).await?;
    let item = |row: Row| {
        let task = |id| tasks.get(&id).map_or(TaskNow::Gone { id }, |task| TaskNow::Here(Box::new(task.clone())));
        let comment = row.comment_id.zip(row.task_id).map(|(id, task_id)| {
            comments.get(&id).map_or(CommentNow::Gone { id, task_id }, |comment| CommentNow::Here(comment.clone()))
        });
        let (n, event, at, actor_id) = (row.n, row.event.clone(), row.at, row.actor_id);
        FeedItem { n, event, at, actor_id, task: of_task(&row).map(task), comment, ids: row.task_ids }
    };
    Ok(rows.into_iter().map(item).collect())
}

/// Returns those of these tasks that are in use in a project.
async fn tasks_now(conn: &mut PgConnection, project_id: Uuid, ids: Vec<Uuid>) -> Result<HashMap<Uuid, Task>> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let tasks = tasks::find_all(conn, &ids).await?.into_iter();
    Ok(tasks
        .filter(|task| task.project_id == project_id && task.deleted_at.is_none())
        .map(|task| (task.id, task))
        .collect())
}

/// Returns those of these comments that are on tasks in use in a project.
async fn comments_now(conn: &mut PgConnection, project_id: Uuid, ids: Vec<Uuid>) -> Result<HashMap<Uuid, Comment>> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let comments = sqlx::query_as!(
        Comment,
        "SELECT c.id, c.task_id, c.author_id, c.body, c.created_at, c.updated_at, c.version
         FROM comments c JOIN tasks t ON t.id = c.task_id
         WHERE c.id = ANY($1) AND t.project_id = $2 AND t.deleted_at IS NULL",
        &ids,
        project_id,
    )
    .fetch_all(conn)
    .await?;
    Ok(comments.into_iter().map(|comment| (comment.id, comment)).collect())
}

/// Removes changes from the end until the others fit into a response. One always stays.
fn cut(items: &mut Vec<FeedItem>) {
    let mut total = 0;
    let is_kept = |item: &&FeedItem| {
        total += weight(item);
        total <= MAX_WEIGHT
    };
    let kept = items.iter().take_while(is_kept).count();
    items.truncate(kept.max(1));
}

/// Returns about how many bytes a change has in the response of a function, which is JSON in a string of JSON.
fn weight(item: &FeedItem) -> usize {
    let text = match (&item.task, &item.comment) {
        (Some(TaskNow::Here(task)), _) => &task.description,
        (_, Some(CommentNow::Here(comment))) => &comment.body,
        _ => "",
    };
    let escaped = |byte: u8| match byte {
        b'"' | b'\\' => 4,
        byte if byte.is_ascii_control() => 3,
        _ => 1,
    };
    let ids = item.ids.as_ref().map_or(0, Vec::len);
    2_000 + 45 * ids + text.bytes().map(escaped).sum::<usize>()
}

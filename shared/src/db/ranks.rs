//! The order of the tasks of a project by hand: see [`crate::domain::rank`].

use std::collections::HashMap;

use sqlx::PgConnection;
use uuid::Uuid;

use super::{Tx, project_changes};
use crate::{
    Code, Error, Result,
    domain::{
        access::{Order, Permitted},
        feed::FeedEvent,
        rank::{self, MAX_LENGTH},
        task::Task,
    },
};

/// How many neighbors on each side get other ranks at first when a rank would be too long.
const NEIGHBORS: usize = 50;

/// The rank of a task `t`, as in the index `tasks_project_rank`.
macro_rules! rank_expression {
    () => {
        "COALESCE(t.rank, lpad(t.number::text, 10, '0')) COLLATE \"C\""
    };
}
pub(super) use rank_expression;

/// A task of the project, and its place.
#[derive(sqlx::FromRow)]
struct Place {
    id: Uuid,
    rank: String,
}

/// Puts a task directly behind the task `after`, or else directly before the task `before`. Has no effect if it is
/// there already, and no task in the trash is between. Its project must be held alone.
///
/// Fails if one of the two is not another task in use in the project, and with a conflict if `after` now stands behind
/// `before`.
pub async fn put(
    tx: &mut Tx,
    task: &mut Permitted<Task, Order>,
    before: Option<Uuid>,
    after: Option<Uuid>,
) -> Result<()> {
    let (before, after) = find(tx, task, before, after).await?;
    if let (Some(before), Some(after)) = (&before, &after)
        && (&after.rank, after.id) >= (&before.rank, before.id)
    {
        return Err(Error::conflict(
            Code::OrderChanged,
            "The order has changed: the task `after` stands behind the task `before`. Read the list again.",
        ));
    }
    let gap = match (after, before) {
        (Some(after), _) => gap(tx, task, after, true).await?,
        (None, Some(before)) => gap(tx, task, before, false).await?,
        (None, None) => return Err(Error::invalid("/after", "must be given, unless `before` is")),
    };
    let [lower, upper] = gap.each_ref().map(|place| place.rank.as_str());
    if lower < task.rank.as_str() && task.rank.as_str() < upper {
        return Ok(());
    }
    let rank =
        Some((lower, upper)).filter(|(lower, upper)| lower < upper).map(|(lower, upper)| rank::between(lower, upper));
    let moved = match rank.filter(|rank| rank.len() <= MAX_LENGTH) {
        Some(rank) => {
            task.rank = rank;
            Vec::new()
        }
        None => make_room(tx, task, &gap).await?,
    };
    let saved = sqlx::query!(
        "UPDATE tasks SET rank = $2, version = version + 1, updated_at = now() WHERE id = $1 RETURNING version, updated_at",
        task.id,
        task.rank,
    )
    .fetch_one(&mut **tx)
    .await?;
    (task.version, task.updated_at) = (saved.version, saved.updated_at);
    let (project_id, actor_id) = (task.project_id, task.caller().id);
    if moved.is_empty() {
        return project_changes::add_of_task(tx, project_id, actor_id, FeedEvent::Ranked, task.id).await;
    }
    let all = [&[task.id], &moved[..]].concat();
    project_changes::add(tx, project_id, actor_id, FeedEvent::Ranked, &all).await
}

/// Returns the two tasks with their ranks.
async fn find(
    conn: &mut PgConnection,
    task: &Task,
    before: Option<Uuid>,
    after: Option<Uuid>,
) -> Result<(Option<Place>, Option<Place>)> {
    let ids: Vec<Uuid> = before.into_iter().chain(after).collect();
    let found: Vec<Place> = sqlx::query_as(concat!(
        "SELECT t.id, ",
        rank_expression!(),
        " AS rank FROM tasks t WHERE t.id = ANY($1) AND t.id <> $2 AND t.project_id = $3 AND t.deleted_at IS NULL"
    ))
    .bind(&ids)
    .bind(task.id)
    .bind(task.project_id)
    .fetch_all(conn)
    .await?;
    let ranks: HashMap<Uuid, String> = found.into_iter().map(|place| (place.id, place.rank)).collect();
    let place = |id: Option<Uuid>, pointer| -> Result<Option<Place>> {
        let Some(id) = id else { return Ok(None) };
        let rank = ranks.get(&id).cloned();
        let rank = rank.ok_or_else(|| Error::invalid(pointer, "must be another task of the same project"))?;
        Ok(Some(Place { id, rank }))
    };
    Ok((place(before, "/before")?, place(after, "/after")?))
}

/// Returns the gap directly behind a task, or directly before it, between its neighbors and without the task that is
/// put there. Tasks in the trash keep their places.
async fn gap(conn: &mut PgConnection, task: &Task, at: Place, is_behind: bool) -> Result<[Place; 2]> {
    let neighbor = match neighbors(conn, task, &at, is_behind, 1).await?.pop() {
        Some(neighbor) => neighbor,
        None => end(conn, task.project_id, is_behind).await?,
    };
    Ok(if is_behind { [at, neighbor] } else { [neighbor, at] })
}

/// The statement of [`neighbors`], with the comparison and the direction.
macro_rules! neighbors {
    ($beyond:literal, $direction:literal) => {
        concat!(
            "SELECT t.id, ",
            rank_expression!(),
            " AS rank FROM tasks t WHERE t.project_id = $1 AND t.id <> $2 AND (",
            rank_expression!(),
            ", t.id) ",
            $beyond,
            " ($3, $4) ORDER BY ",
            rank_expression!(),
            $direction,
            ", t.id",
            $direction,
            " LIMIT $5"
        )
    };
}

/// Returns the tasks of the project that stand behind a place, nearest first, or those before it.
async fn neighbors(
    conn: &mut PgConnection,
    task: &Task,
    from: &Place,
    is_behind: bool,
    limit: usize,
) -> Result<Vec<Place>> {
    let limit = i64::try_from(limit).map_err(Error::internal)?;
    let statement = if is_behind { neighbors!(">", "") } else { neighbors!("<", " DESC") };
    let places =
        sqlx::query_as(statement).bind(task.project_id).bind(task.id).bind(&from.rank).bind(from.id).bind(limit);
    Ok(places.fetch_all(conn).await?)
}

/// Returns the end of a project: behind all its tasks, and before those that are created later; or before all tasks.
async fn end(conn: &mut PgConnection, project_id: Uuid, is_behind: bool) -> Result<Place> {
    let number = if is_behind {
        let counter = sqlx::query_scalar!("SELECT task_counter FROM projects WHERE id = $1", project_id);
        counter.fetch_one(conn).await? + 1
    } else {
        0
    };
    Ok(Place { id: if is_behind { Uuid::max() } else { Uuid::nil() }, rank: rank::of_number(number) })
}

/// The tasks on one side of a gap, nearest first, and what is beyond them: another task, or the end of the project.
struct Neighborhood {
    places: Vec<Place>,
    beyond: Place,
}

async fn neighborhood(
    conn: &mut PgConnection,
    task: &Task,
    from: &Place,
    is_behind: bool,
    count: usize,
) -> Result<Neighborhood> {
    let mut places = neighbors(conn, task, from, is_behind, count + 1).await?;
    let beyond = if places.len() > count { places.pop() } else { None };
    let beyond = match beyond {
        Some(beyond) => beyond,
        None => end(conn, task.project_id, is_behind).await?,
    };
    Ok(Neighborhood { places, beyond })
}

/// Gives a task a rank in a gap that has no short one, by giving its neighbors others, in the same order. Returns the
/// neighbors.
async fn make_room(conn: &mut PgConnection, task: &mut Task, gap: &[Place; 2]) -> Result<Vec<Uuid>> {
    let [low, high] = gap;
    let mut count = NEIGHBORS;
    loop {
        let before = neighborhood(conn, task, high, false, count).await?;
        let behind = neighborhood(conn, task, low, true, count).await?;
        let (lower, upper) = (&before.beyond.rank, &behind.beyond.rank);
        let own = before.places.len();
        let mut ranks =
            if lower < upper { rank::spread(lower, upper, own + 1 + behind.places.len()) } else { Vec::new() };
        if ranks.is_empty() || ranks.iter().any(|rank| rank.len() > MAX_LENGTH / 2) {
            count *= 2; // at last with all tasks of the project, whose ranks are then short
            continue;
        }
        task.rank = ranks.remove(own);
        let ids: Vec<Uuid> = before.places.iter().rev().chain(&behind.places).map(|place| place.id).collect();
        sqlx::query!(
            "UPDATE tasks t SET rank = n.rank FROM unnest($1::uuid[], $2::text[]) AS n (id, rank) WHERE t.id = n.id",
            &ids,
            &ranks,
        )
        .execute(conn)
        .await?;
        return Ok(ids);
    }
}

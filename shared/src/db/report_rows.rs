//! The rows of reports, as streams: only one row is in memory at a time. The columns are those of [`Kind::columns`].
//! Each report is one statement, and so shows everything as it was at one moment.

use chrono::{DateTime, NaiveDateTime, Utc};
use futures_util::{StreamExt, TryStreamExt, stream::BoxStream};
use sqlx::PgConnection;
use uuid::Uuid;

use super::reports::Order;
use crate::{
    Result,
    domain::report::{Cell, Kind},
};

/// The number of rows, and one of them.
pub type Row = (i64, Vec<Cell>);

/// Returns the rows of a report, as things are at `now`.
pub fn stream<'c>(conn: &'c mut PgConnection, order: &'c Order, now: DateTime<Utc>) -> BoxStream<'c, Result<Row>> {
    match order.kind {
        Kind::Workload => workload(conn, order, now),
        Kind::Completion => completion(conn, order),
        Kind::Overdue => overdue(conn, order, now),
        Kind::Activity => activity(conn, order),
    }
}

/// One row for each person with tasks, and one for tasks without an assignee.
fn workload<'c>(conn: &'c mut PgConnection, order: &'c Order, now: DateTime<Utc>) -> BoxStream<'c, Result<Row>> {
    let rows = sqlx::query!(
        r#"SELECT t.assignee_id::text AS person_id, u.name AS "person?",
                  count(*) FILTER (WHERE t.status = 'todo') AS "todo!",
                  count(*) FILTER (WHERE t.status = 'in_progress') AS "in_progress!",
                  count(*) FILTER (WHERE t.status IN ('todo', 'in_progress') AND t.due_at < $5) AS "overdue!",
                  count(*) FILTER (WHERE t.status = 'done') AS "done!",
                  count(*) FILTER (WHERE t.status = 'cancelled') AS "cancelled!"
           FROM tasks t JOIN projects p ON p.id = t.project_id LEFT JOIN users u ON u.id = t.assignee_id
           WHERE t.deleted_at IS NULL AND p.deleted_at IS NULL
             AND ($1::uuid[] IS NULL OR t.project_id = ANY($1)) AND ($2::uuid IS NULL OR t.assignee_id = $2)
             AND t.created_at < $4
             AND CASE t.status WHEN 'done' THEN t.completed_at >= $3 AND t.completed_at < $4
                               WHEN 'cancelled' THEN t.updated_at >= $3 AND t.updated_at < $4 ELSE true END
           GROUP BY t.assignee_id, u.name ORDER BY lower(u.name), t.assignee_id"#,
        order.scope.project_ids.as_deref(),
        own(order),
        order.period.from,
        order.period.to,
        now,
    );
    rows.map(|row| {
        let counts = [row.todo, row.in_progress, row.overdue, row.done, row.cancelled].map(Cell::Count);
        let person = row.person.unwrap_or_else(|| "(nobody)".into());
        (1, [row.person_id.into(), person.into()].into_iter().chain(counts).collect())
    })
    .fetch(conn)
    .map_err(Into::into)
    .boxed()
}

/// One row for each day, week or month, in the requester's time zone, and one for the whole period. Lead time is from
/// creation to completion, cycle time from when the task was first in progress; in hours.
fn completion<'c>(conn: &'c mut PgConnection, order: &'c Order) -> BoxStream<'c, Result<Row>> {
    let step = order.period.step().as_str();
    let rows = sqlx::query!(
        r#"WITH scoped AS (
               SELECT t.created_at, t.started_at, CASE WHEN t.status = 'done' THEN t.completed_at END AS completed_at
               FROM tasks t JOIN projects p ON p.id = t.project_id
               WHERE t.deleted_at IS NULL AND p.deleted_at IS NULL
                 AND ($1::uuid[] IS NULL OR t.project_id = ANY($1)) AND ($2::uuid IS NULL OR t.assignee_id = $2)),
           created AS (
               SELECT date_trunc($5, created_at AT TIME ZONE $6) AS begins, count(*) AS count FROM scoped
               WHERE created_at >= $3 AND created_at < $4 GROUP BY GROUPING SETS ((1), ())),
           completed AS (
               SELECT date_trunc($5, completed_at AT TIME ZONE $6) AS begins, count(*) AS count,
                      percentile_cont(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY EXTRACT(epoch FROM completed_at - created_at)::float8 / 3600) AS lead,
                      percentile_cont(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY EXTRACT(epoch FROM completed_at - started_at)::float8 / 3600) AS cycle
               FROM scoped WHERE completed_at >= $3 AND completed_at < $4 GROUP BY GROUPING SETS ((1), ())),
           step AS (
               SELECT generate_series(date_trunc($5, $3::timestamptz AT TIME ZONE $6),
                                      ($4::timestamptz AT TIME ZONE $6) - interval '1 microsecond', ('1 ' || $5)::interval) AS begins
               UNION ALL SELECT NULL)
           SELECT step.begins AS "begins: NaiveDateTime", COALESCE(created.count, 0) AS "created!", COALESCE(completed.count, 0) AS "completed!",
                  lead[1] AS lead_median, lead[2] AS lead_p90, cycle[1] AS cycle_median, cycle[2] AS cycle_p90
           FROM step LEFT JOIN created ON created.begins IS NOT DISTINCT FROM step.begins
                     LEFT JOIN completed ON completed.begins IS NOT DISTINCT FROM step.begins
           ORDER BY step.begins"#,
        order.scope.project_ids.as_deref(),
        own(order),
        order.period.from,
        order.period.to,
        step,
        order.zone.name(),
    );
    rows.map(move |row| {
        let name = if row.begins.is_some() { step } else { "total" };
        let times = [row.lead_median, row.lead_p90, row.cycle_median, row.cycle_p90].map(Cell::from);
        let begins = row.begins.map(|begins| begins.date());
        let first = [Cell::Text(name.into()), begins.into(), row.created.into(), row.completed.into()];
        (1, first.into_iter().chain(times).collect())
    })
    .fetch(conn)
    .map_err(Into::into)
    .boxed()
}

/// One row for each task that was overdue in the period: its deadline passed before the end of the period while it was
/// not done, and it was not done when the period began. The delay ends when the task was done, when the period ended,
/// or now.
fn overdue<'c>(conn: &'c mut PgConnection, order: &'c Order, now: DateTime<Utc>) -> BoxStream<'c, Result<Row>> {
    let rows = sqlx::query!(
        r#"SELECT count(*) OVER () AS "total!", p.key || '-' || t.number AS "key!", t.title, p.name AS project, u.name AS "assignee?",
                  t.priority::text AS "priority!", t.status::text AS "status!", t.due_at AS "due_at!", t.completed_at,
                  round(EXTRACT(epoch FROM LEAST(t.completed_at, $4, $5) - t.due_at) / 86400, 1)::float8 AS "days_late!"
           FROM tasks t JOIN projects p ON p.id = t.project_id LEFT JOIN users u ON u.id = t.assignee_id
           WHERE t.deleted_at IS NULL AND p.deleted_at IS NULL
             AND ($1::uuid[] IS NULL OR t.project_id = ANY($1)) AND ($2::uuid IS NULL OR t.assignee_id = $2)
             AND t.due_at < LEAST($4::timestamptz, $5::timestamptz) AND t.status <> 'cancelled'
             AND (t.completed_at IS NULL OR t.completed_at > GREATEST(t.due_at, $3))
           ORDER BY t.due_at, t.id"#,
        order.scope.project_ids.as_deref(),
        own(order),
        order.period.from,
        order.period.to,
        now,
    );
    rows.map(|row| {
        let words = [row.key, row.title, row.project].map(Cell::Text).into_iter();
        let state = [row.assignee.into(), row.priority.into(), row.status.into()];
        let late = [row.due_at.into(), row.completed_at.into(), row.days_late.into()];
        (row.total, words.chain(state).chain(late).collect())
    })
    .fetch(conn)
    .map_err(Into::into)
    .boxed()
}

/// One row for each entry of a task's activity, oldest first. Of descriptions and comments it shows only that they
/// changed; people are shown by name.
fn activity<'c>(conn: &'c mut PgConnection, order: &'c Order) -> BoxStream<'c, Result<Row>> {
    let rows = sqlx::query!(
        r#"SELECT count(*) OVER () AS "total!", a.created_at, u.name AS person, a.kind, p.key || '-' || t.number AS "key!", t.title,
                  p.name AS project, (
                      SELECT string_agg(CASE
                          WHEN c.field IN ('description', 'comment') THEN c.field
                          ELSE c.field || ': ' || COALESCE(was.name, c.from, '–') || ' → ' || COALESCE(becomes.name, c.to, '–')
                          END, '; ' ORDER BY c.at)
                      FROM ROWS FROM (jsonb_to_recordset(a.changes) AS (field text, "from" text, "to" text))
                           WITH ORDINALITY AS c (field, "from", "to", at)
                      LEFT JOIN users was ON was.id = CASE c.field WHEN 'assignee_id' THEN c.from::uuid END
                      LEFT JOIN users becomes ON becomes.id = CASE c.field WHEN 'assignee_id' THEN c.to::uuid END) AS changes
           FROM activity a JOIN tasks t ON t.id = a.task_id JOIN projects p ON p.id = t.project_id JOIN users u ON u.id = a.actor_id
           WHERE a.id >= $3 AND a.id < $4 AND t.deleted_at IS NULL AND p.deleted_at IS NULL
             AND ($1::uuid[] IS NULL OR t.project_id = ANY($1)) AND ($2::uuid IS NULL OR a.actor_id = $2)
             AND (a.private_to IS NULL OR a.private_to = $5)
           ORDER BY a.id"#,
        order.scope.project_ids.as_deref(),
        own(order),
        first_id(order.period.from),
        first_id(order.period.to),
        order.user_id,
    );
    rows.map(|row| {
        let happened = [row.created_at.into(), row.person.into(), row.kind.into()].into_iter();
        let task = [row.key, row.title, row.project].map(Cell::Text);
        (row.total, happened.chain(task).chain([row.changes.into()]).collect())
    })
    .fetch(conn)
    .map_err(Into::into)
    .boxed()
}

/// Returns the user if the report is only about their own work.
fn own(order: &Order) -> Option<Uuid> {
    order.scope.own_work.then_some(order.user_id)
}

/// Returns the least `UUIDv7` of an instant (RFC 9562, section 5.7): rows can be found by id as well as by time, and
/// ids have an index.
fn first_id(time: DateTime<Utc>) -> Uuid {
    let millis = u64::try_from(time.timestamp_millis()).unwrap_or_default();
    uuid::Builder::from_unix_timestamp_millis(millis, &[0; 10]).into_uuid()
}

//! `GET /v1/tasks`: filters, sorts and pages.
//!
//! What a person sees across all their projects is gathered project by project, a page from each through its index, rather than by
//! sorting everything they may see: its cost grows with the number of projects, not with the number of tasks. What a search finds is
//! ranked only among the newest (docs/adr/0021-a-search-ranks-the-newest.md).

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::{PgConnection, Postgres, QueryBuilder};
use uuid::Uuid;

use super::page::{Cursor, Page, PageRequest};
use crate::{
    Error, Result,
    domain::{
        Caller,
        task::{Priority, Status, Task},
    },
};

/// Whose tasks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Assignee {
    /// This person's.
    User(Uuid),
    /// Nobody's.
    None,
}

/// Among how many of the newest tasks that fit a search the best are looked for. To rank a task is to read it.
const RANKED: i64 = 1000;

/// [`Status::is_open`], as the index of what somebody has to do has it.
const OPEN: &str = "t.status IN ('todo', 'in_progress')";

/// Which tasks to list. Empty lists and `None` ask for all.
#[derive(Debug, Default)]
#[expect(missing_docs, reason = "the fields are the parameters of GET /v1/tasks, which documents them")]
pub struct TaskFilter {
    pub project_ids: Vec<Uuid>,
    pub statuses: Vec<Status>,
    pub priorities: Vec<Priority>,
    pub assignees: Vec<Assignee>,
    pub created_by: Vec<Uuid>,
    pub labels: Vec<String>,
    pub due_before: Option<DateTime<Utc>>,
    pub due_after: Option<DateTime<Utc>>,
    pub overdue: Option<bool>,
    pub parent_id: Option<Uuid>,
    pub q: Option<String>,
    pub in_trash: bool,
    pub sort: Vec<Sort>,
}

/// One key of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sort {
    /// What to compare.
    pub by: SortBy,
    /// From the greatest to the least.
    pub descending: bool,
}

/// What tasks can be sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are those of the fields")]
pub enum SortBy {
    DueAt,
    Priority,
    Status,
    CreatedAt,
    UpdatedAt,
    Title,
    /// How well it fits the search.
    Rank,
}

impl Sort {
    /// The expression that is compared, as the indexes have it. Tasks without a due date come last both ways.
    fn expression(self) -> &'static str {
        match self.by {
            SortBy::DueAt if self.descending => "COALESCE(t.due_at, '-infinity')",
            SortBy::DueAt => "COALESCE(t.due_at, 'infinity')",
            SortBy::Priority => "t.priority",
            SortBy::Status => "t.status",
            SortBy::CreatedAt => "t.created_at",
            SortBy::UpdatedAt => "t.updated_at",
            SortBy::Title => "t.title COLLATE \"und-x-icu\"",
            SortBy::Rank => "ts_rank(t.search, query.q)",
        }
    }

    /// The column that the expression is of.
    fn column(self) -> &'static str {
        match self.by {
            SortBy::DueAt => "t.due_at",
            SortBy::Priority => "t.priority",
            SortBy::Status => "t.status",
            SortBy::CreatedAt => "t.created_at",
            SortBy::UpdatedAt => "t.updated_at",
            SortBy::Title => "t.title",
            SortBy::Rank => "t.search",
        }
    }

    fn sql_type(self) -> &'static str {
        match self.by {
            SortBy::DueAt | SortBy::CreatedAt | SortBy::UpdatedAt => "timestamptz",
            SortBy::Priority => "task_priority",
            SortBy::Status => "task_status",
            SortBy::Title => "text",
            SortBy::Rank => "real",
        }
    }

    fn direction(self) -> &'static str {
        if self.descending { " DESC" } else { "" }
    }
}

/// A task and where it stands in the order.
#[derive(sqlx::FromRow)]
struct Row {
    #[sqlx(flatten)]
    task: Task,
    sort_key: Vec<String>,
}

/// A page of the tasks that `caller` may see.
pub async fn list(
    conn: &mut PgConnection,
    caller: &Caller,
    filter: &TaskFilter,
    page: &PageRequest,
) -> Result<Page<Task>> {
    let mut query = select(caller, filter, page)?;
    let searches = filter.q.is_some();
    if searches {
        meet_types(conn).await?;
    }
    // How to search depends on how frequent the words are: Postgres plans each search by its own.
    let rows: Vec<Row> = query.build_query_as().persistent(!searches).fetch_all(conn).await?;
    let order = order_name(filter);
    let page = page.cut(rows, |row| Cursor::new(&order, (&row.sort_key, row.task.id)));
    Ok(Page { items: page.items.into_iter().map(|row| row.task).collect(), next_cursor: page.next_cursor })
}

/// Has sqlx look up the types of a task, which it does where it first meets them: for a statement that is not prepared that is too late, as
/// it is lost in the meantime.
async fn meet_types(conn: &mut PgConnection) -> Result<()> {
    sqlx::query!(
        r#"SELECT NULL::task_status AS "status: Status", NULL::task_priority AS "priority: Priority", NULL::text[] AS labels"#
    )
    .fetch_one(conn)
    .await?;
    Ok(())
}

/// The plan that Postgres would make for a list, for the test that holds it to its indexes.
pub async fn explain(
    conn: &mut PgConnection,
    caller: &Caller,
    filter: &TaskFilter,
    page: &PageRequest,
) -> Result<Value> {
    let mut query = QueryBuilder::new("EXPLAIN (ANALYZE, FORMAT JSON) ");
    build(&mut query, caller, filter, page)?;
    Ok(query.build_query_scalar().fetch_one(conn).await?)
}

fn select(caller: &Caller, filter: &TaskFilter, page: &PageRequest) -> Result<QueryBuilder<Postgres>> {
    let mut query = QueryBuilder::new("");
    build(&mut query, caller, filter, page)?;
    Ok(query)
}

/// The order, with the id last so that it is total: ids follow the direction of the first key.
fn sort_of(filter: &TaskFilter) -> Vec<Sort> {
    match (&filter.sort[..], &filter.q) {
        ([], Some(_)) => vec![Sort { by: SortBy::Rank, descending: true }],
        ([], None) => vec![Sort { by: SortBy::CreatedAt, descending: true }],
        (sort, _) => sort.to_vec(),
    }
}

fn order_name(filter: &TaskFilter) -> String {
    let keys: Vec<_> = sort_of(filter).iter().map(|sort| format!("{:?}{}", sort.by, sort.direction())).collect();
    format!("tasks by {}", keys.join(", "))
}

fn build(query: &mut QueryBuilder<Postgres>, caller: &Caller, filter: &TaskFilter, page: &PageRequest) -> Result<()> {
    let sort = sort_of(filter);
    let after: Option<(Vec<String>, Uuid)> = page.after(&order_name(filter))?;
    if after.as_ref().is_some_and(|(values, _)| values.len() != sort.len()) {
        return Err(Error::BadRequest("The cursor is not one of this list in this order.".into()));
    }
    let keys: Vec<_> = sort.iter().map(|sort| format!("({})::text", sort.expression())).collect();
    let order: Vec<_> = sort.iter().map(|sort| format!("{}{}", sort.expression(), sort.direction())).collect();
    let order = format!("{}, t.id{}", order.join(", "), sort[0].direction());

    query.push("SELECT t.id, p.key || '-' || t.number AS key, t.project_id, t.title, t.description, t.status, t.priority, t.due_at,");
    query.push(
        " t.assignee_id, t.parent_id, t.labels, t.recurrence, t.created_by, t.completed_at, t.deleted_at, t.version,",
    );
    query.push(" t.created_at, t.updated_at, EXISTS (SELECT 1 FROM watchers w WHERE w.task_id = t.id AND w.user_id = ");
    query.push_bind(caller.id).push(") AS watching, ARRAY[").push(keys.join(", ")).push("] AS sort_key");

    let project_by_project = gathers(caller, filter);
    query.push(" FROM ");
    if let Some(words) = &filter.q {
        query.push("(SELECT to_tsquery('simple', ").push_bind(prefix_query(words)).push(") AS q) query, ");
    }
    if project_by_project {
        // What decides the order is read first, from the index alone where it can be; then the rows of the page, and no others.
        let columns: Vec<_> = sort.iter().map(|sort| sort.column()).collect();
        query.push("(SELECT t.id FROM memberships m CROSS JOIN LATERAL (SELECT t.id, ").push(columns.join(", "));
        query.push(" FROM tasks t WHERE t.project_id = m.project_id");
        push_filters(query, filter);
        push_after(query, after.as_ref(), &sort);
        query.push(" ORDER BY ").push(&order).push(" LIMIT ").push_bind(page.fetch());
        query.push(") t WHERE m.user_id = ").push_bind(caller.id);
        query.push(" ORDER BY ").push(&order).push(" LIMIT ").push_bind(page.fetch());
        query.push(") page JOIN tasks t ON t.id = page.id JOIN projects p ON p.id = t.project_id");
    } else if sort[0].by == SortBy::Rank {
        query.push("LATERAL (SELECT t.* FROM tasks t WHERE true");
        push_filters(query, filter);
        push_visible(query, caller, filter);
        query.push(" ORDER BY t.created_at DESC, t.id DESC LIMIT ").push_bind(RANKED);
        query.push(") t JOIN projects p ON p.id = t.project_id WHERE true");
        push_after(query, after.as_ref(), &sort);
    } else {
        query.push("tasks t JOIN projects p ON p.id = t.project_id WHERE true");
        push_filters(query, filter);
        push_visible(query, caller, filter);
        push_after(query, after.as_ref(), &sort);
    }
    query.push(" ORDER BY ").push(order).push(" LIMIT ").push_bind(page.fetch());
    Ok(())
}

/// Whether to gather project by project: for people who see some projects only, and ask for nothing that is selective by itself.
fn gathers(caller: &Caller, filter: &TaskFilter) -> bool {
    let selective = !filter.project_ids.is_empty()
        || !filter.created_by.is_empty()
        || filter.assignees.iter().any(|assignee| *assignee != Assignee::None)
        || filter.parent_id.is_some()
        || filter.q.is_some();
    !caller.sees_everything() && !selective
}

/// What `caller` may see: the tasks of their projects.
fn push_visible(query: &mut QueryBuilder<Postgres>, caller: &Caller, filter: &TaskFilter) {
    // Whoever has a task to do belongs to its project: the constraint `tasks_assignee_is_member`.
    if caller.sees_everything() || filter.assignees == [Assignee::User(caller.id)] {
        return;
    }
    let of_mine = "SELECT m.project_id FROM memberships m WHERE m.user_id = ";
    if filter.q.is_some() {
        // Read once and before all else, so that the hits in their projects are known before a row is read. Postgres may otherwise
        // look for all hits once for each project.
        query.push(" AND t.project_id = ANY (ARRAY(").push(of_mine).push_bind(caller.id).push("))");
    } else {
        query.push(" AND EXISTS (").push(of_mine).push_bind(caller.id).push(" AND m.project_id = t.project_id)");
    }
}

fn push_filters(query: &mut QueryBuilder<Postgres>, filter: &TaskFilter) {
    query.push(if filter.in_trash { " AND t.deleted_at IS NOT NULL" } else { " AND t.deleted_at IS NULL" });
    push_any(query, "t.project_id", &filter.project_ids);
    push_any(query, "t.status", &filter.statuses);
    if !filter.statuses.is_empty() && filter.statuses.iter().all(|status| status.is_open()) {
        query.push(" AND ").push(OPEN);
    }
    push_any(query, "t.priority", &filter.priorities);
    push_any(query, "t.created_by", &filter.created_by);
    push_assignees(query, &filter.assignees);
    if !filter.labels.is_empty() {
        query.push(" AND t.labels && ").push_bind(filter.labels.clone());
    }
    if let Some(time) = filter.due_before {
        query.push(" AND t.due_at < ").push_bind(time);
    }
    if let Some(time) = filter.due_after {
        query.push(" AND t.due_at > ").push_bind(time);
    }
    if let Some(overdue) = filter.overdue {
        let late = format!("(t.due_at IS NOT NULL AND t.due_at < now() AND {OPEN})");
        query.push(if overdue { " AND " } else { " AND NOT " }).push(late);
    }
    if let Some(parent_id) = filter.parent_id {
        query.push(" AND t.parent_id = ").push_bind(parent_id);
    }
    if filter.q.is_some() {
        query.push(" AND t.search @@ query.q");
    }
}

fn push_any<T>(query: &mut QueryBuilder<Postgres>, column: &str, values: &[T])
where
    T: Clone
        + Send
        + Sync
        + for<'q> sqlx::Encode<'q, Postgres>
        + sqlx::Type<Postgres>
        + sqlx::postgres::PgHasArrayType
        + 'static,
{
    match values {
        [] => {}
        [one] => {
            query.push(" AND ").push(column).push(" = ").push_bind(one.clone());
        }
        many => {
            query.push(" AND ").push(column).push(" = ANY(").push_bind(many.to_vec()).push(")");
        }
    }
}

fn push_assignees(query: &mut QueryBuilder<Postgres>, assignees: &[Assignee]) {
    let ids: Vec<Uuid> =
        assignees.iter().filter_map(|a| if let Assignee::User(id) = a { Some(*id) } else { None }).collect();
    if assignees.contains(&Assignee::None) {
        query.push(" AND (t.assignee_id IS NULL");
        if !ids.is_empty() {
            query.push(" OR t.assignee_id = ANY(").push_bind(ids).push(")");
        }
        query.push(")");
    } else {
        push_any(query, "t.assignee_id", &ids);
    }
}

/// What comes behind a row, in an order of several keys: greater in the first, or equal in it and greater in the second, and so on.
/// A single key is compared as a row with the id, which an index answers.
fn push_after(query: &mut QueryBuilder<Postgres>, after: Option<&(Vec<String>, Uuid)>, sort: &[Sort]) {
    let Some((values, id)) = after else { return };
    let id = *id;
    let beyond = |sort: &Sort| if sort.descending { " < " } else { " > " };
    if let [only] = sort {
        query.push(format!(" AND ({}, t.id){}(", only.expression(), beyond(only))).push_bind(values[0].clone());
        query.push(format!("::{}, ", only.sql_type())).push_bind(id).push(")");
        return;
    }
    query.push(" AND (");
    for (depth, key) in sort.iter().enumerate() {
        for (equal, value) in sort.iter().zip(values).take(depth) {
            query.push(format!("{} = ", equal.expression())).push_bind(value.clone());
            query.push(format!("::{} AND ", equal.sql_type()));
        }
        query.push(format!("{}{}", key.expression(), beyond(key))).push_bind(values[depth].clone());
        query.push(format!("::{} OR ", key.sql_type()));
    }
    for (equal, value) in sort.iter().zip(values) {
        query.push(format!("{} = ", equal.expression())).push_bind(value.clone());
        query.push(format!("::{} AND ", equal.sql_type()));
    }
    query.push(format!("t.id{}", beyond(&sort[0]))).push_bind(id).push(")");
}

/// A `tsquery` that asks for every word as a prefix. Words end at punctuation, as in the function `search_words` of the database, so
/// that nothing in them is syntax; what else parts words is left to the database, which parts those of the tasks, too.
fn prefix_query(words: &str) -> String {
    let ends = |c: char| c.is_ascii_punctuation() || c.is_ascii_whitespace() || c.is_ascii_control();
    let words = words.split(ends).filter(|word| !word.is_empty());
    words.map(|word| format!("'{word}':*")).collect::<Vec<_>>().join(" & ")
}

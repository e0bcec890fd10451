//! `GET /v1/tasks`: filters, sorting and paging.

mod filters;
mod found;
mod sql;

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value;
use sqlx::{PgConnection, QueryBuilder};
use utoipa::ToSchema;
use uuid::Uuid;

use super::page::{Cursor, Page, PageRequest};
use crate::{
    Result,
    domain::{
        Caller,
        task::{Priority, Status, Task},
    },
};

/// A filter by assignee.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Assignee {
    /// Tasks of this person.
    User(Uuid),
    /// Tasks without an assignee.
    None,
}

/// A filter for the list of tasks. Empty lists and `None` match all.
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

impl TaskFilter {
    /// Returns whether the filter uses the indexes of words and labels.
    fn is_found(&self) -> bool {
        self.q.is_some() || !self.labels.is_empty()
    }
}

/// One key of a sort order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sort {
    /// What is compared.
    pub by: SortBy,
    /// Whether the greatest comes first.
    pub descending: bool,
}

/// The keys that tasks can be sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are those of the fields")]
pub enum SortBy {
    DueAt,
    Priority,
    Status,
    CreatedAt,
    UpdatedAt,
    Title,
    Rank,
    /// The relevance for the search.
    Relevance,
}

/// A task and its sort key.
#[derive(sqlx::FromRow)]
struct Row {
    #[sqlx(flatten)]
    task: Task,
    sort_key: Vec<String>,
}

/// Returns a page of the tasks that `caller` may see.
pub async fn list(
    conn: &mut PgConnection,
    caller: &Caller,
    filter: &TaskFilter,
    page: &PageRequest,
) -> Result<Page<Task>> {
    let mut query = QueryBuilder::new("");
    sql::build(&mut query, caller, filter, page)?;
    let rows: Vec<Row> = query.build_query_as().fetch_all(conn).await?;
    let order = sql::order_name(filter);
    let page = page.cut(rows, |row| Cursor::new(&order, (&row.sort_key, row.task.id)));
    Ok(Page { items: page.items.into_iter().map(|row| row.task).collect(), next_cursor: page.next_cursor })
}

/// The number of tasks that match a filter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct TaskCount {
    /// The number, at most 1,000.
    pub count: i64,
    /// Whether there are more.
    pub at_least: bool,
}

/// The greatest number of tasks that are counted.
const MAX_COUNT: i64 = 1_000;

/// Counts the tasks that `caller` may see. The order does not matter.
pub async fn count(conn: &mut PgConnection, caller: &Caller, filter: &TaskFilter) -> Result<TaskCount> {
    let mut query = QueryBuilder::new("");
    sql::build_count(&mut query, caller, filter, MAX_COUNT + 1);
    let count: i64 = query.build_query_scalar().fetch_one(conn).await?;
    Ok(TaskCount { count: count.min(MAX_COUNT), at_least: count > MAX_COUNT })
}

/// Returns the query plan of a [`count`], for the test that holds it to its indexes.
pub async fn explain_count(conn: &mut PgConnection, caller: &Caller, filter: &TaskFilter) -> Result<Value> {
    let mut query = QueryBuilder::new("EXPLAIN (ANALYZE, FORMAT JSON) ");
    sql::build_count(&mut query, caller, filter, MAX_COUNT + 1);
    Ok(query.build_query_scalar().fetch_one(conn).await?)
}

/// Returns the query plan of a list, for the test that holds it to its indexes.
pub async fn explain(
    conn: &mut PgConnection,
    caller: &Caller,
    filter: &TaskFilter,
    page: &PageRequest,
) -> Result<Value> {
    let mut query = QueryBuilder::new("EXPLAIN (ANALYZE, FORMAT JSON) ");
    sql::build(&mut query, caller, filter, page)?;
    Ok(query.build_query_scalar().fetch_one(conn).await?)
}

//! The statement behind a list of tasks.
//!
//! What a person sees across all their projects is gathered project by project, a page from each through its index, rather than by
//! sorting everything they may see: its cost grows with the number of projects, not with the number of tasks.
//!
//! A search goes one of two ways, whichever a few of the newest tasks suggest (docs/adr/0022-a-search-looks-at-the-newest-first.md):
//! frequent words are looked for in the tasks themselves, gathered like any list; of others the hits are found by the index of words.

use sqlx::{Postgres, QueryBuilder};
use uuid::Uuid;

use super::{Assignee, Sort, SortBy, TaskFilter};
use crate::{Code, Error, Result, db::page::PageRequest, domain::Caller};

/// Among how many of the newest tasks that fit a search the best are looked for. To rank a task is to read it.
const RANKED: i64 = 500;

/// How many tasks that the caller may see are looked at to tell whether the words of a search are frequent.
const SAMPLE: i64 = 100;

/// How many of the sample may come from one project: its newest.
const SAMPLE_OF_PROJECT: i64 = 10;

/// What is searched for.
const WORDS: &str = "(SELECT q FROM words)";

/// The newest first, as the indexes have it.
const NEWEST: &str = "t.created_at DESC, t.id DESC";

/// [`Status::is_open`](crate::domain::task::Status::is_open), as the index of what somebody has to do has it.
const OPEN: &str = "t.status IN ('todo', 'in_progress')";

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
            SortBy::Rank => "ts_rank(t.search, (SELECT q FROM words))",
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

/// The order, with the id last so that it is total: ids follow the direction of the first key.
fn sort_of(filter: &TaskFilter) -> Vec<Sort> {
    match (&filter.sort[..], &filter.q) {
        ([], Some(_)) => vec![Sort { by: SortBy::Rank, descending: true }],
        ([], None) => vec![Sort { by: SortBy::CreatedAt, descending: true }],
        (sort, _) => sort.to_vec(),
    }
}

/// The name of the order, as cursors have it.
pub(super) fn order_name(filter: &TaskFilter) -> String {
    let keys: Vec<_> = sort_of(filter).iter().map(|sort| format!("{:?}{}", sort.by, sort.direction())).collect();
    format!("tasks by {}", keys.join(", "))
}

/// The statement of a page: its rows are tasks with their `sort_key`, one more than the page has if there is another.
pub(super) fn build(
    query: &mut QueryBuilder<Postgres>,
    caller: &Caller,
    filter: &TaskFilter,
    page: &PageRequest,
) -> Result<()> {
    let sort = sort_of(filter);
    let after: Option<(Vec<String>, Uuid)> = page.after(&order_name(filter))?;
    if after.as_ref().is_some_and(|(values, _)| values.len() != sort.len()) {
        return Err(Error::bad_request(Code::InvalidCursor, "The cursor is not one of this list in this order."));
    }
    let keys: Vec<_> = sort.iter().map(|sort| format!("({})::text", sort.expression())).collect();
    let order: Vec<_> = sort.iter().map(|sort| format!("{}{}", sort.expression(), sort.direction())).collect();
    let order = format!("{}, t.id{}", order.join(", "), sort[0].direction());
    let ranks = sort[0].by == SortBy::Rank;

    if let Some(words) = &filter.q {
        query.push("WITH words AS (SELECT to_tsquery('simple', ").push_bind(prefix_query(words)).push(") AS q), ");
        push_sample(query, caller);
    }
    query.push("SELECT t.id, p.key || '-' || t.number AS key, t.project_id, t.title, t.description, t.status, t.priority, t.due_at,");
    query.push(
        " t.assignee_id, t.parent_id, t.labels, t.recurrence, t.created_by, t.completed_at, t.deleted_at, t.version,",
    );
    query.push(" t.created_at, t.updated_at, EXISTS (SELECT 1 FROM watchers w WHERE w.task_id = t.id AND w.user_id = ");
    query.push_bind(caller.id).push(") AS watching, ARRAY[").push(keys.join(", ")).push("] AS sort_key FROM ");

    let mut candidates =
        Candidates { caller, filter, sort: &sort, after: after.as_ref(), order: &order, limit: page.fetch() };
    if ranks {
        // Every page is of the same ranking.
        candidates = Candidates { after: None, order: NEWEST, limit: RANKED, ..candidates };
    }
    query.push("(");
    if filter.q.is_some() {
        candidates.push_found(query);
        query.push(") t");
    } else if gathers(caller, filter) {
        // What decides the order is read first, from the index alone where it can be; then the rows of the page, and no others.
        let columns: Vec<_> = sort.iter().map(|sort| sort.column()).collect();
        candidates.push_looked_through(query, &format!("t.id, {}", columns.join(", ")));
        query.push(") page JOIN tasks t ON t.id = page.id");
    } else {
        candidates.push_looked_through(query, "t.*");
        query.push(") t");
    }
    query.push(" JOIN projects p ON p.id = t.project_id");
    if ranks {
        query.push(" WHERE true");
        push_after(query, after.as_ref(), &sort);
    }
    query.push(" ORDER BY ").push(order).push(" LIMIT ").push_bind(page.fetch());
    Ok(())
}

/// Whether words are frequent: a quarter of the sample has them. It is of the caller's own projects, the oldest first, or of all for who
/// sees all, so that nobody else's new tasks decide how one's search goes.
fn push_sample(query: &mut QueryBuilder<Postgres>, caller: &Caller) {
    query.push("sample AS (SELECT 4 * count(*) FILTER (WHERE t.search @@ ").push(WORDS);
    query.push(") >= count(*) AS frequent FROM (SELECT t.search FROM ");
    if caller.sees_everything() {
        query.push("(SELECT id AS project_id FROM projects ORDER BY id) p");
    } else {
        query.push("(SELECT project_id FROM memberships WHERE user_id = ").push_bind(caller.id);
        query.push(" ORDER BY project_id) p");
    }
    query.push(" CROSS JOIN LATERAL (SELECT t.search FROM tasks t WHERE t.project_id = p.project_id AND t.deleted_at IS NULL ORDER BY ");
    query.push(NEWEST).push(" LIMIT ").push_bind(SAMPLE_OF_PROJECT).push(") t LIMIT ").push_bind(SAMPLE).push(") t) ");
}

/// The tasks among which a page is looked for: as many as there can be on it, in its order.
struct Candidates<'a> {
    caller: &'a Caller,
    filter: &'a TaskFilter,
    sort: &'a [Sort],
    after: Option<&'a (Vec<String>, Uuid)>,
    order: &'a str,
    limit: i64,
}

impl Candidates<'_> {
    /// What a search finds, by that of two ways which the sample suggests; the other is not executed.
    fn push_found(&self, query: &mut QueryBuilder<Postgres>) {
        query.push("SELECT * FROM (");
        self.push_looked_through(query, "t.*");
        query.push(") t");
        // The index of words has nothing of the trash.
        if !self.filter.in_trash {
            query.push(" WHERE (SELECT frequent FROM sample) UNION ALL SELECT * FROM (");
            self.push_by_words(query);
            query.push(") t WHERE NOT (SELECT frequent FROM sample)");
        }
    }

    /// By reading tasks in their order until there are enough, from each of the caller's projects or from all.
    fn push_looked_through(&self, query: &mut QueryBuilder<Postgres>, columns: &str) {
        let gathered = gathers(self.caller, self.filter);
        query.push("SELECT ").push(columns);
        if gathered {
            query.push(" FROM memberships m CROSS JOIN LATERAL (SELECT ").push(columns);
        }
        query.push(" FROM tasks t WHERE ").push(if gathered { "t.project_id = m.project_id" } else { "true" });
        push_filters(query, self.filter);
        if self.filter.q.is_some() {
            // No index answers a CASE, and Postgres takes it to be true of every other task.
            query.push(" AND CASE WHEN t.search @@ ").push(WORDS).push(" THEN true END");
        }
        if !gathered && !self.sees_all() {
            query.push(" AND EXISTS (SELECT FROM memberships m WHERE m.project_id = t.project_id AND m.user_id = ");
            query.push_bind(self.caller.id).push(")");
        }
        self.push_page(query);
        if gathered {
            query.push(") t WHERE m.user_id = ").push_bind(self.caller.id);
            query.push(" ORDER BY ").push(self.order).push(" LIMIT ").push_bind(self.limit);
        }
    }

    /// By reading all hits of the words in the caller's projects. OFFSET keeps Postgres from reading tasks in their order for it.
    fn push_by_words(&self, query: &mut QueryBuilder<Postgres>) {
        query.push("SELECT * FROM (SELECT t.* FROM tasks t WHERE t.search @@ ").push(WORDS);
        push_filters(query, self.filter);
        if !self.sees_all() {
            // As the index of words has it.
            query.push(" AND ARRAY[t.project_id] && ARRAY(SELECT m.project_id FROM memberships m WHERE m.user_id = ");
            query.push_bind(self.caller.id).push(")");
        }
        query.push(" OFFSET 0) t WHERE true");
        self.push_page(query);
    }

    fn push_page(&self, query: &mut QueryBuilder<Postgres>) {
        push_after(query, self.after, self.sort);
        query.push(" ORDER BY ").push(self.order).push(" LIMIT ").push_bind(self.limit);
    }

    /// Whether the caller may see whatever fits. Whoever has a task to do belongs to its project: the constraint
    /// `tasks_assignee_is_member`.
    fn sees_all(&self) -> bool {
        self.caller.sees_everything() || self.filter.assignees == [Assignee::User(self.caller.id)]
    }
}

/// Whether to gather project by project: for people who see some projects only, and ask for nothing that is selective by itself.
fn gathers(caller: &Caller, filter: &TaskFilter) -> bool {
    let selective = !filter.project_ids.is_empty()
        || !filter.created_by.is_empty()
        || filter.assignees.iter().any(|assignee| *assignee != Assignee::None)
        || filter.parent_id.is_some();
    !caller.sees_everything() && !selective
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

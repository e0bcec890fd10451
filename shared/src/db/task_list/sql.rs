//! The statement behind a list of tasks.
//!
//! Tasks in all projects of a person are read project by project, a page from each through its index, rather than by
//! sorting everything that they may see: the cost grows with the number of projects, not with the number of tasks.
//!
//! Words and labels are found in one of two ways, chosen by a sample of the newest tasks
//! (docs/adr/0022-a-search-looks-at-the-newest-first.md): if they are frequent, or the caller has few tasks, the tasks
//! themselves are read, like any list; otherwise the indexes of words and labels find the matches.

use sqlx::{Postgres, QueryBuilder};
use uuid::Uuid;

use super::{
    Assignee, Sort, SortBy, TaskFilter,
    filters::{NEWEST, push_any, push_filters},
    found::{LABELS, WORDS, push_asked, push_fits, push_projects},
};
use crate::{
    Code, Error, Result,
    db::{page::PageRequest, ranks::rank_expression, tasks::task_columns},
    domain::Caller,
};

/// The number of the newest matches of a search that are ranked. Ranking a task means reading it.
const RANKED: i64 = 500;

impl Sort {
    /// Returns the expression that is compared, as in the indexes. Tasks without a due date come last in both
    /// directions.
    fn expression(self) -> &'static str {
        match self.by {
            SortBy::DueAt if self.descending => "COALESCE(t.due_at, '-infinity')",
            SortBy::DueAt => "COALESCE(t.due_at, 'infinity')",
            SortBy::Priority => "t.priority",
            SortBy::Status => "t.status",
            SortBy::CreatedAt => "t.created_at",
            SortBy::UpdatedAt => "t.updated_at",
            SortBy::Title => "t.title COLLATE natural_order",
            SortBy::Rank => rank_expression!(),
            SortBy::Relevance => "ts_rank(t.search, (SELECT q FROM words))",
        }
    }

    /// Returns the column of the expression.
    fn column(self) -> &'static str {
        match self.by {
            SortBy::DueAt => "t.due_at",
            SortBy::Priority => "t.priority",
            SortBy::Status => "t.status",
            SortBy::CreatedAt => "t.created_at",
            SortBy::UpdatedAt => "t.updated_at",
            SortBy::Title => "t.title",
            SortBy::Rank => "t.rank, t.number",
            SortBy::Relevance => "t.search",
        }
    }

    /// Returns its name in cursors. Clients keep cursors, and another name would make those invalid.
    fn name(self) -> &'static str {
        match self.by {
            SortBy::DueAt => "DueAt",
            SortBy::Priority => "Priority",
            SortBy::Status => "Status",
            SortBy::CreatedAt => "CreatedAt",
            SortBy::UpdatedAt => "UpdatedAt",
            SortBy::Title => "Title",
            SortBy::Rank => "Order",
            SortBy::Relevance => "Rank",
        }
    }

    fn sql_type(self) -> &'static str {
        match self.by {
            SortBy::DueAt | SortBy::CreatedAt | SortBy::UpdatedAt => "timestamptz",
            SortBy::Priority => "task_priority",
            SortBy::Status => "task_status",
            SortBy::Title | SortBy::Rank => "text",
            SortBy::Relevance => "real",
        }
    }

    fn direction(self) -> &'static str {
        if self.descending { " DESC" } else { "" }
    }
}

/// Returns the sort order, with the id last so that it is total: ids follow the direction of the first key.
fn sort_of(filter: &TaskFilter) -> Vec<Sort> {
    match (&filter.sort[..], &filter.q) {
        ([], Some(_)) => vec![Sort { by: SortBy::Relevance, descending: true }],
        ([], None) => vec![Sort { by: SortBy::CreatedAt, descending: true }],
        (sort, _) => sort.to_vec(),
    }
}

/// Returns the name of the sort order in cursors.
pub(super) fn order_name(filter: &TaskFilter) -> String {
    let keys: Vec<_> = sort_of(filter).iter().map(|sort| format!("{}{}", sort.name(), sort.direction())).collect();
    format!("tasks by {}", keys.join(", "))
}

/// Returns the statement of a page. Its rows are tasks with their `sort_key`; if there is another page, one row more.
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
    let keys: Vec<_> = sort.iter().map(|sort| format!("({})::text COLLATE \"C\"", sort.expression())).collect();
    let order: Vec<_> = sort.iter().map(|sort| format!("{}{}", sort.expression(), sort.direction())).collect();
    let order = format!("{}, t.id{}", order.join(", "), sort[0].direction());
    let ranks = sort[0].by == SortBy::Relevance;

    if filter.is_found() {
        push_asked(query, caller, filter);
    }
    query.push(concat!(
        "SELECT ",
        task_columns!(),
        ", EXISTS (SELECT 1 FROM watchers w WHERE w.task_id = t.id AND w.user_id = "
    ));
    query
        .push_bind(caller.id)
        .push(") AS watching, EXISTS (SELECT 1 FROM task_mutes o WHERE o.task_id = t.id AND o.user_id = ");
    query.push_bind(caller.id).push(") AS muted, ARRAY[").push(keys.join(", ")).push("] AS sort_key FROM ");

    let mut candidates =
        Candidates { caller, filter, sort: &sort, after: after.as_ref(), order: Some(&order), limit: page.fetch() };
    if ranks {
        // All pages are of the same ranking.
        candidates = Candidates { after: None, order: Some(NEWEST), limit: RANKED, ..candidates };
    }
    query.push("(");
    if filter.is_found() {
        candidates.push_found(query);
        query.push(") t");
    } else if gathers(caller, filter) || caller.sees_everything() {
        // The sort keys are read first, from the index alone where possible; then only the rows of the page.
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

/// Returns the statement that counts at most `limit` tasks, in any order: it stops when there are enough.
pub(super) fn build_count(query: &mut QueryBuilder<Postgres>, caller: &Caller, filter: &TaskFilter, limit: i64) {
    let candidates = Candidates { caller, filter, sort: &[], after: None, order: None, limit };
    if filter.is_found() {
        push_asked(query, caller, filter);
    }
    query.push("SELECT count(*) FROM (");
    if filter.is_found() {
        candidates.push_found(query);
    } else {
        candidates.push_looked_through(query, "t.id");
    }
    query.push(") t");
}

/// The tasks from which a page is taken: as many as fit on it, in its order; or those that are counted.
struct Candidates<'a> {
    caller: &'a Caller,
    filter: &'a TaskFilter,
    sort: &'a [Sort],
    after: Option<&'a (Vec<String>, Uuid)>,
    /// `None`: any order.
    order: Option<&'a str>,
    limit: i64,
}

impl Candidates<'_> {
    /// Finds tasks by words and labels, in the way that the sample suggests; the other is not executed.
    fn push_found(&self, query: &mut QueryBuilder<Postgres>) {
        query.push("SELECT * FROM (");
        self.push_looked_through(query, "t.*");
        query.push(") t");
        // The index of words does not contain the trash; that of labels does.
        if !self.filter.in_trash || !self.filter.labels.is_empty() {
            query.push(" WHERE (SELECT frequent FROM sample) UNION ALL SELECT * FROM (");
            self.push_by_index(query);
            query.push(") t WHERE NOT (SELECT frequent FROM sample)");
        }
    }

    /// Reads tasks in their order until there are enough, from each of the caller's projects or from all.
    fn push_looked_through(&self, query: &mut QueryBuilder<Postgres>, columns: &str) {
        let gathered = gathers(self.caller, self.filter);
        query.push("SELECT ").push(columns);
        if gathered {
            query.push(" FROM memberships m CROSS JOIN LATERAL (SELECT ").push(columns);
        }
        query.push(" FROM tasks t WHERE ").push(if gathered { "t.project_id = m.project_id" } else { "true" });
        push_filters(query, self.filter);
        if !gathered {
            push_any(query, "t.project_id", &self.filter.project_ids);
        }
        if self.filter.is_found() {
            // An index cannot be used for a CASE, and Postgres estimates that it is true for every other task.
            query.push(" AND CASE WHEN true");
            push_fits(query, self.filter);
            query.push(" THEN true END");
        }
        if !gathered && !self.sees_all() {
            query.push(" AND EXISTS (SELECT FROM memberships m WHERE m.project_id = t.project_id AND m.user_id = ");
            query.push_bind(self.caller.id).push(")");
        }
        self.push_page(query);
        if gathered {
            query.push(") t WHERE m.user_id = ").push_bind(self.caller.id);
            push_any(query, "m.project_id", &self.filter.project_ids);
            self.push_end(query);
        }
    }

    /// Reads all matches in the caller's projects. OFFSET prevents Postgres from reading tasks in their order instead.
    fn push_by_index(&self, query: &mut QueryBuilder<Postgres>) {
        let filter = self.filter;
        query.push("SELECT * FROM (SELECT t.* FROM tasks t WHERE true");
        if !filter.labels.is_empty() {
            query.push(" AND t.labels <> '{}' AND t.labels && ").push(LABELS);
        }
        if filter.q.is_some() {
            if !filter.in_trash {
                query.push(" AND t.search @@ (SELECT rarest FROM words)");
            }
            query.push(" AND CASE WHEN t.search @@ ").push(WORDS).push(" THEN true END");
        }
        push_filters(query, filter);
        // As in the indexes.
        if !self.caller.sees_everything() {
            query.push(" AND ARRAY[t.project_id] && ARRAY(");
            push_projects(query, self.caller, filter);
            query.push(")");
        } else if !filter.project_ids.is_empty() {
            query.push(" AND ARRAY[t.project_id] && ").push_bind(filter.project_ids.clone());
        }
        query.push(" OFFSET 0) t WHERE true");
        self.push_page(query);
    }

    fn push_page(&self, query: &mut QueryBuilder<Postgres>) {
        push_after(query, self.after, self.sort);
        self.push_end(query);
    }

    fn push_end(&self, query: &mut QueryBuilder<Postgres>) {
        if let Some(order) = self.order {
            query.push(" ORDER BY ").push(order);
        }
        query.push(" LIMIT ").push_bind(self.limit);
    }

    /// Returns whether the caller may see every match. Assignees belong to the project: the constraint
    /// `tasks_assignee_is_member`.
    fn sees_all(&self) -> bool {
        self.caller.sees_everything() || self.filter.assignees == [Assignee::User(self.caller.id)]
    }
}

/// Returns whether to read project by project: for people who see only some projects, unless the filter is selective
/// by itself. Tasks assigned to or created by another person may be in any project, and may be many.
fn gathers(caller: &Caller, filter: &TaskFilter) -> bool {
    let selective = filter.created_by == [caller.id]
        || filter.assignees == [Assignee::User(caller.id)]
        || filter.parent_id.is_some();
    !caller.sees_everything() && !selective
}

/// Adds the condition for the rows after a row, in an order of several keys: greater in the first, or equal in it and
/// greater in the second, and so on. A single key is compared as a row with the id, for which an index can be used.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_orders_in_cursors_do_not_change() {
        let all = [
            (SortBy::DueAt, "DueAt"),
            (SortBy::Priority, "Priority"),
            (SortBy::Status, "Status"),
            (SortBy::CreatedAt, "CreatedAt"),
            (SortBy::UpdatedAt, "UpdatedAt"),
            (SortBy::Title, "Title"),
            (SortBy::Rank, "Order"),
            (SortBy::Relevance, "Rank"),
        ];
        for (by, name) in all {
            let sort = [Sort { by, descending: true }, Sort { by: SortBy::Title, descending: false }];
            let filter = TaskFilter { sort: sort.to_vec(), ..TaskFilter::default() };
            assert_eq!(order_name(&filter), format!("tasks by {name} DESC, Title"));
        }
        assert_eq!(order_name(&TaskFilter::default()), "tasks by CreatedAt DESC");
    }
}

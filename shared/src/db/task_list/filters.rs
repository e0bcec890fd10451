//! The conditions of a list of tasks, except those by project, words and labels.

use sqlx::{Postgres, QueryBuilder};
use uuid::Uuid;

use super::{Assignee, TaskFilter};

/// Newest first, as in the indexes.
pub(super) const NEWEST: &str = "t.created_at DESC, t.id DESC";

/// [`Status::is_open`](crate::domain::task::Status::is_open), as in the index of assigned open tasks.
const OPEN: &str = "t.status IN ('todo', 'in_progress')";

/// Adds all conditions except those by project, words and labels.
pub(super) fn push_filters(query: &mut QueryBuilder<Postgres>, filter: &TaskFilter) {
    query.push(if filter.in_trash { " AND t.deleted_at IS NOT NULL" } else { " AND t.deleted_at IS NULL" });
    push_any(query, "t.status", &filter.statuses);
    if !filter.statuses.is_empty() && filter.statuses.iter().all(|status| status.is_open()) {
        query.push(" AND ").push(OPEN);
    }
    push_any(query, "t.priority", &filter.priorities);
    push_any(query, "t.created_by", &filter.created_by);
    push_assignees(query, &filter.assignees);
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

pub(super) fn push_any<T>(query: &mut QueryBuilder<Postgres>, column: &str, values: &[T])
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

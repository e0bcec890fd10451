//! Searches by words and labels.

use std::cmp::Reverse;

use sqlx::{Postgres, QueryBuilder};

use super::{
    TaskFilter,
    filters::{NEWEST, push_any},
};
use crate::domain::Caller;

/// The number of tasks in the sample that tells whether the words of a search are frequent.
const SAMPLE: i64 = 100;

/// The most tasks of the sample from one project: its newest.
const SAMPLE_OF_PROJECT: i64 = 10;

/// The most tasks of a caller that are all read for a search: its cost then does not depend on the tasks of others.
const FEW: i64 = 2_000;

/// The number of words that a search looks up in the index, which reads every match of the prefix, in all projects.
/// The longest words are the rarest.
const BY_INDEX: usize = 2;

/// The words of the search.
pub(super) const WORDS: &str = "(SELECT q FROM words)";

/// The labels of the filter, in the spelling of the projects.
pub(super) const LABELS: &str = "(SELECT labels FROM asked)";

/// Adds the words and labels of the filter, and whether they are frequent: a quarter of the sample matches. The sample
/// is of the caller's own projects, the oldest first, or of all for callers who see all, so that new tasks of others
/// do not change how a search is executed.
pub(super) fn push_asked(query: &mut QueryBuilder<Postgres>, caller: &Caller, filter: &TaskFilter) {
    query.push("WITH ");
    if let Some(q) = &filter.q {
        let words = prefixes(q);
        query.push("words AS (SELECT to_tsquery('simple', ").push_bind(prefix_query(&words));
        let rarest = &words[..words.len().min(BY_INDEX)];
        query.push(") AS q, to_tsquery('simple', ").push_bind(prefix_query(rarest)).push(") AS rarest), ");
    }
    if !filter.labels.is_empty() {
        query.push("asked AS (SELECT COALESCE(array_agg(DISTINCT l.label), '{}') AS labels FROM labels l WHERE l.folded IN (SELECT fold(label) FROM unnest(");
        query.push_bind(filter.labels.clone()).push("::text[]) AS a (label))");
        if !caller.sees_everything() {
            query.push(" AND l.project_id IN (");
            push_projects(query, caller, filter);
            query.push(")");
        }
        query.push("), ");
    }
    query.push("sample AS (SELECT 4 * count(*) FILTER (WHERE true");
    push_fits(query, filter);
    query.push(") >= count(*)");
    if !caller.sees_everything() {
        query.push(" OR (SELECT sum(p.task_counter) FROM projects p WHERE p.id IN (");
        push_projects(query, caller, filter);
        query.push(")) <= ").push_bind(FEW);
    }
    query.push(" AS frequent FROM (SELECT t.search, t.labels FROM ");
    if caller.sees_everything() {
        query.push("(SELECT id AS project_id FROM projects ORDER BY id) p");
    } else {
        query.push("(");
        push_projects(query, caller, filter);
        query.push(" ORDER BY project_id) p");
    }
    query.push(" CROSS JOIN LATERAL (SELECT t.search, t.labels FROM tasks t WHERE t.project_id = p.project_id AND t.deleted_at IS NULL ORDER BY ");
    query.push(NEWEST).push(" LIMIT ").push_bind(SAMPLE_OF_PROJECT).push(") t LIMIT ").push_bind(SAMPLE).push(") t) ");
}

/// Adds the condition that a task has the words and one of the labels.
pub(super) fn push_fits(query: &mut QueryBuilder<Postgres>, filter: &TaskFilter) {
    if filter.q.is_some() {
        query.push(" AND t.search @@ ").push(WORDS);
    }
    if !filter.labels.is_empty() {
        query.push(" AND t.labels && ").push(LABELS);
    }
}

/// Adds the projects that the caller belongs to, or those of them in the filter.
pub(super) fn push_projects(query: &mut QueryBuilder<Postgres>, caller: &Caller, filter: &TaskFilter) {
    query.push("SELECT m.project_id FROM memberships m WHERE m.user_id = ").push_bind(caller.id);
    push_any(query, "m.project_id", &filter.project_ids);
}

/// Returns the words of a search, the longest first, without those that are prefixes of others, which are implied.
/// Words end at punctuation, as in the function `search_words` of the database, so that none of them contains syntax;
/// the database splits them further in the same way as those of the tasks.
fn prefixes(q: &str) -> Vec<String> {
    let ends = |c: char| c.is_ascii_punctuation() || c.is_ascii_whitespace() || c.is_ascii_control();
    // Only ASCII: of other letters, the lower case in the database is not Rust's.
    let mut words: Vec<_> = q.split(ends).filter(|word| !word.is_empty()).map(str::to_ascii_lowercase).collect();
    words.sort_by_key(|word| Reverse(word.chars().count()));
    let mut kept: Vec<String> = Vec::with_capacity(words.len());
    for word in words {
        if !kept.iter().any(|longer| longer.starts_with(&word)) {
            kept.push(word);
        }
    }
    kept
}

/// Returns a `tsquery` that matches every word as a prefix.
fn prefix_query(words: &[String]) -> String {
    words.iter().map(|word| format!("'{word}':*")).collect::<Vec<_>>().join(" & ")
}

//! What is asked for by words and labels.

use std::cmp::Reverse;

use sqlx::{Postgres, QueryBuilder};

use super::{
    TaskFilter,
    filters::{NEWEST, push_any},
};
use crate::domain::Caller;

/// How many tasks that the caller may see are looked at to tell whether the words of a search are frequent.
const SAMPLE: i64 = 100;

/// How many of the sample may come from one project: its newest.
const SAMPLE_OF_PROJECT: i64 = 10;

/// How many tasks somebody may have for all of them to be looked through: they pay nothing then for what others wrote.
const FEW: i64 = 2_000;

/// By how many words a search asks the index, which reads all that begins so, also in projects of others. The longest are the rarest.
const BY_INDEX: usize = 2;

/// What is searched for.
pub(super) const WORDS: &str = "(SELECT q FROM words)";

/// The labels that are asked for, as projects write them.
pub(super) const LABELS: &str = "(SELECT labels FROM asked)";

/// What is asked for by words and labels, and whether it is frequent: a quarter of the sample has it. That is of the caller's own projects,
/// the oldest first, or of all for who sees all, so that nobody else's new tasks decide how one's search goes.
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

/// That a task has the words and one of the labels.
pub(super) fn push_fits(query: &mut QueryBuilder<Postgres>, filter: &TaskFilter) {
    if filter.q.is_some() {
        query.push(" AND t.search @@ ").push(WORDS);
    }
    if !filter.labels.is_empty() {
        query.push(" AND t.labels && ").push(LABELS);
    }
}

/// The projects that the caller belongs to, or those of them that are asked for.
pub(super) fn push_projects(query: &mut QueryBuilder<Postgres>, caller: &Caller, filter: &TaskFilter) {
    query.push("SELECT m.project_id FROM memberships m WHERE m.user_id = ").push_bind(caller.id);
    push_any(query, "m.project_id", &filter.project_ids);
}

/// The words of a search, the longest first, without those that others begin with: whoever has these has them. Words end at
/// punctuation, as in the function `search_words` of the database, so that nothing in them is syntax; what else parts words is left to the
/// database, which parts those of the tasks, too.
fn prefixes(q: &str) -> Vec<String> {
    let ends = |c: char| c.is_ascii_punctuation() || c.is_ascii_whitespace() || c.is_ascii_control();
    // ASCII has one lower case; of other letters the database's is not Rust's.
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

/// A `tsquery` that asks for every word as a prefix.
fn prefix_query(words: &[String]) -> String {
    words.iter().map(|word| format!("'{word}':*")).collect::<Vec<_>>().join(" & ")
}

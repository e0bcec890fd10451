//! Filters: a list contains exactly the matching rows, each once, with every combination of filters and every page
//! size.
//!
//! Near-valid input consists of values that some tasks have; random input has garbage in their place.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use proptest::{collection::vec, option::of, prelude::*, sample::Index, sample::select};
use serde_json::{Value, json};
use shared::db::PgPool;

use super::{escaped, holds};
use crate::support::{App, Person, id, operations, text};

/// The parameters that select tasks, and those among them that take a single value.
const FILTERS: [&str; 12] = [
    "project_id",
    "status",
    "priority",
    "assignee_id",
    "created_by",
    "label",
    "due_before",
    "due_after",
    "overdue",
    "parent_id",
    "q",
    "deleted",
];
const SINGLE: [&str; 6] = ["due_before", "due_after", "overdue", "parent_id", "q", "deleted"];

const TITLES: [&str; 4] = ["write docs", "fix the build", "Write tests", "paint"];
const STATUSES: [&str; 4] = ["todo", "in_progress", "done", "cancelled"];
const PRIORITIES: [&str; 4] = ["low", "medium", "high", "urgent"];
const LABELS: [&str; 3] = ["ui", "Ümläut", "a, \"b\""];

/// Forty tasks in three projects, one of which `ann` does not belong to.
struct Data {
    app: App,
    ann: Person,
    ada: Person,
    tasks: Vec<Value>,
    hidden: String,
}

/// A query whose ids are not yet known.
#[derive(Debug, Clone)]
struct Query {
    as_admin: bool,
    filters: Vec<(&'static str, Vec<Index>)>,
    sort: Option<&'static str>,
    limit: usize,
}

fn queries() -> impl Strategy<Value = Query> {
    let filters = vec((select(FILTERS.to_vec()), vec(any::<Index>(), 1..3)), 0..4);
    let sorts = vec!["due_at", "-due_at", "-priority,title", "status,-updated_at", "title,due_at,priority"];
    (any::<bool>(), filters, of(select(sorts)), 1..50_usize).prop_map(|(as_admin, mut filters, sort, limit)| {
        filters.sort_by_key(|(name, _)| *name);
        filters.dedup_by_key(|(name, _)| *name);
        for (name, values) in &mut filters {
            values.truncate(if SINGLE.contains(name) { 1 } else { 2 });
        }
        Query { as_admin, filters, sort, limit }
    })
}

impl Data {
    async fn new(db: &PgPool) -> Self {
        let app = App::new(db);
        let (mia, ann, ada) = (app.manager("mia").await, app.user("ann").await, app.admin("ada").await);
        let mut projects = Vec::new();
        for (key, members) in [("WEB", &[&ann, &ada][..]), ("LAB", &[&ann]), ("TOP", &[])] {
            projects.push(app.project(&mia, key, members).await);
        }
        let mut tasks: Vec<Value> = Vec::new();
        for n in 0..40 {
            let project = &projects[n % 3];
            let (title, description) = (TITLES[n % 4], ["", "the long way round"][n % 2]);
            let (status, priority) = (STATUSES[n / 2 % 4], PRIORITIES[n / 3 % 4]);
            let mut new = json!({
                "title": title, "description": description, "project_id": project["id"], "status": status,
                "priority": priority, "labels": LABELS[..n % 4],
            });
            if n % 5 != 0 {
                new["due_at"] = json!(format!("20{}-01-01T00:00:00Z", 20 + n));
            }
            if n % 7 == 0 && n % 3 != 2 {
                new["assignee_id"] = json!(ann.id);
            }
            if let Some(parent) = tasks.iter().find(|task| n % 6 == 1 && task["project_id"] == project["id"]) {
                new["parent_id"] = parent["id"].clone();
            }
            let creator = if n % 4 == 1 && n % 3 != 2 { &ann } else { &mia };
            tasks.push(app.task(creator, new).await);
        }
        for task in tasks.iter_mut().step_by(9) {
            app.as_user(&mia).delete(&format!("/v1/tasks/{}", id(task))).await.ok(204);
            task["deleted_at"] = json!("now");
        }
        // As if there were many tasks: rare values are then found by indexes.
        app.sql("UPDATE projects SET task_counter = 1000000").await;
        Self { app, ann, ada, tasks, hidden: id(&projects[2]).to_owned() }
    }

    fn value(&self, name: &str, which: Index) -> String {
        let of = |field: &str| {
            let found: BTreeSet<_> = self.tasks.iter().filter_map(|task| task[field].as_str()).collect();
            found.into_iter().map(str::to_owned).collect::<Vec<_>>()
        };
        let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
        let values = match name {
            "due_before" | "due_after" => of("due_at"),
            "assignee_id" => [of("assignee_id"), words(&["me", "none"])].concat(),
            "created_by" => [of("created_by"), words(&["me"])].concat(),
            "parent_id" => of("id"),
            "label" => words(&["ui", "UI", "üMLÄUT", "A, \"B\"", "none of these"]),
            "overdue" | "deleted" => words(&["true", "false"]),
            "q" => words(&["write", "Wri", "fix bui", "the", "round, long", "paints", "   "]),
            field => of(field),
        };
        values[which.index(values.len())].clone()
    }

    /// Returns whether a task has one of the values of a filter.
    fn fits(task: &Value, caller: &Person, name: &str, values: &[String]) -> bool {
        let is = |field: &str, value: &str| task[field].as_str() == Some(value);
        let due = |value: &Value| value.as_str().map(|time| time.parse::<DateTime<Utc>>().unwrap());
        let open = ["todo", "in_progress"].contains(&text(&task["status"]));
        let late = open && due(&task["due_at"]).is_some_and(|due| due < Utc::now());
        let words = format!("{} {}", text(&task["title"]), text(&task["description"])).to_lowercase();
        values.iter().any(|value| match name {
            "assignee_id" if value == "none" => task["assignee_id"].is_null(),
            "assignee_id" | "created_by" if value == "me" => is(name, &caller.id.to_string()),
            "label" => task["labels"]
                .as_array()
                .unwrap()
                .iter()
                .any(|label| text(label).to_lowercase() == value.to_lowercase()),
            "due_before" => due(&task["due_at"]) < due(&json!(value)) && !task["due_at"].is_null(),
            "due_after" => due(&task["due_at"]) > due(&json!(value)),
            "overdue" => late == (value == "true"),
            "deleted" => task["deleted_at"].is_string() == (value == "true"),
            "q" => {
                let asked = value.to_lowercase();
                let mut asked = asked.split([' ', ',']).filter(|word| !word.is_empty());
                asked.all(|asked| words.split(' ').any(|word| word.starts_with(asked)))
            }
            field => is(field, value),
        })
    }

    async fn check(&self, query: Query) {
        let caller = if query.as_admin { &self.ada } else { &self.ann };
        let mut expected: BTreeSet<&str> = BTreeSet::new();
        let mut filters: Vec<(&str, Vec<String>)> = Vec::new();
        let mut parameters: Vec<String> = query.sort.iter().map(|sort| format!("sort={sort}")).collect();
        for (name, values) in &query.filters {
            let values: Vec<_> = values.iter().map(|value| self.value(name, *value)).collect();
            let quoted = |value: &String| format!("\"{}\"", value.replace('"', "\"\""));
            let listed: Vec<_> = if *name == "label" { values.iter().map(quoted).collect() } else { values.clone() };
            parameters.push(format!("{name}={}", escaped(&listed.join(","))));
            filters.push((name, values));
        }
        if !filters.iter().any(|(name, _)| *name == "deleted") {
            filters.push(("deleted", vec!["false".into()]));
        }
        for task in self.tasks.iter().filter(|task| query.as_admin || task["project_id"] != self.hidden) {
            if filters.iter().all(|(name, values)| Self::fits(task, caller, name, values)) {
                expected.insert(id(task));
            }
        }
        let path = format!("/v1/tasks?{}", parameters.join("&"));
        let found = self.app.walk(caller, &path, query.limit, "id").await;
        let distinct: BTreeSet<_> = found.iter().map(String::as_str).collect();
        assert_eq!(distinct, expected, "{path}");
        assert_eq!(found.len(), distinct.len(), "a task comes twice: {path}");
    }
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn a_list_contains_exactly_the_matching_tasks(db: PgPool) {
    let data = Data::new(&db).await;
    holds(file!(), 1, queries, async move |query: Query| data.check(query).await).await;
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn any_query_is_answered_or_refused(db: PgPool) {
    let app = App::new(&db);
    let ann = app.user("ann").await;
    app.task(&ann, json!({ "title": "task" })).await;
    let lists: Vec<_> = operations().into_iter().filter(|it| !it.path.contains('{') && it.query.len() > 1).collect();
    holds(
        file!(),
        1,
        || (any::<Index>(), vec((any::<Index>(), values()), 1..4)),
        async move |(list, query): (Index, Vec<(Index, String)>)| {
            let list = list.get(&lists);
            let parameters = query.iter().map(|(at, value)| format!("{}={}", at.get(&list.query), escaped(value)));
            let path = format!("{}?{}", list.path, parameters.collect::<Vec<_>>().join("&"));
            let reply = app.as_user(&ann).get(&path).await;
            assert!(matches!(reply.status, 200 | 400), "{reply}");
        },
    )
    .await;
}

fn values() -> impl Strategy<Value = String> {
    prop_oneof![
        "\\PC{0,30}",
        "[0-9T:Z.+-]{0,30}",
        "(todo|high|me|none|true|-?title|due_at|urgent|manager|[ ,-]){0,4}",
        "-?[0-9]{1,25}",
        vec(any::<u8>(), 0..20).prop_map(|bytes| String::from_utf8_lossy(&bytes).into_owned()),
    ]
}

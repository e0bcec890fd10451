//! Pages of tasks, while tasks are added and removed between pages.

use std::{cmp::Ordering, collections::HashSet};

use chrono::{DateTime, Utc};
use serde_json::Value;
use shared::db::PgPool;

use crate::support::{App, Person, id, text};

/// Thirty tasks with many equal sort keys, a third of them without a due date. Those with the label `stays` are not
/// changed.
const TASKS: &str = "
    INSERT INTO tasks (id, project_id, number, title, status, priority, due_at, labels, created_by, created_at, updated_at)
    SELECT gen_random_uuid(), p.id, n, (ARRAY['alpha', 'Beta', 'gamma', 'Étude'])[n % 4 + 1],
           (enum_range(NULL::task_status))[n % 4 + 1], (enum_range(NULL::task_priority))[n % 3 + 1],
           CASE WHEN n % 3 > 0 THEN timestamptz '2030-01-01 00:00:00.000001Z' + n % 4 * interval '1 day' END,
           CASE WHEN n % 5 < 3 THEN ARRAY['stays'] ELSE ARRAY['goes'] END, p.owner_id,
           timestamptz '2020-01-01 00:00:00.123456Z' + n % 6 * interval '1 hour',
           timestamptz '2021-01-01Z' + n % 7 * interval '1 microsecond'
    FROM generate_series(1, 15) n, projects p WHERE p.key IN ('WEB', 'LAB')";

const SORTS: [&str; 16] = [
    "due_at",
    "-due_at",
    "priority",
    "-priority",
    "status",
    "-status",
    "created_at",
    "-created_at",
    "updated_at",
    "-updated_at",
    "title",
    "-title",
    "-priority,due_at",
    "status,-due_at,title",
    "due_at,-created_at",
    "-title,updated_at,-priority",
];

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn pages_neither_repeat_nor_miss_tasks_in_any_order(db: PgPool) {
    let app = App::new(&db);
    let (mia, ann, ada) = (app.manager("mia").await, app.user("ann").await, app.admin("ada").await);
    let web = app.project(&mia, "WEB", &[&ann]).await;
    app.project(&mia, "LAB", &[&ann]).await;
    app.sql(TASKS).await;
    let one_project = format!("&project_id={}", id(&web));
    // The three ways in which a list is read: project by project, one project, all tasks.
    for (caller, filter, count) in [(&ann, "", 30), (&ann, one_project.as_str(), 15), (&ada, "", 30)] {
        for sort in SORTS {
            app.sql("DELETE FROM tasks WHERE number > 15; UPDATE tasks SET deleted_at = NULL").await;
            walk(&app, caller, sort, filter, count).await;
        }
    }
}

/// Reads all pages and checks the tasks.
async fn walk(app: &App, caller: &Person, sort: &str, filter: &str, count: usize) {
    let (mut met, mut cursor): (Vec<Value>, _) = (Vec::new(), String::new());
    for page_number in 0.. {
        let page = app.as_user(caller).get(&format!("/v1/tasks?limit=4&sort={sort}{filter}{cursor}")).await.ok(200);
        met.extend(page["items"].as_array().unwrap().clone());
        let Some(next) = page["next_cursor"].as_str() else { break };
        cursor = format!("&cursor={next}");
        assert_eq!(page["items"].as_array().unwrap().len(), 4);
        assert!(page_number < 20, "{sort}: it does not end");
        change(app, page_number, &met).await;
    }
    for pair in met.windows(2) {
        assert_ne!(compare(sort, &pair[0], &pair[1]), Ordering::Greater, "{sort}: {:#} before {:#}", pair[0], pair[1]);
    }
    let ids: HashSet<_> = met.iter().map(id).collect();
    assert_eq!(ids.len(), met.len(), "{sort}: met twice");
    let stayed = met.iter().filter(|task| task["labels"][0] == "stays").count();
    assert_eq!(stayed, count * 3 / 5, "{sort}: missed");
}

/// Adds a task, removes one that was not read yet, and removes the last one that was read, if it may be removed.
async fn change(app: &App, n: usize, met: &[Value]) {
    let last = id(met.last().unwrap());
    app.sql(&format!(
        "UPDATE tasks SET deleted_at = now() WHERE id = '{last}' AND labels = '{{goes}}';
         DELETE FROM tasks WHERE id = (SELECT id FROM tasks WHERE labels = '{{goes}}' AND number > 15 LIMIT 1);
         UPDATE tasks SET deleted_at = now()
         WHERE id = (SELECT id FROM tasks WHERE labels = '{{goes}}' AND deleted_at IS NULL AND id <> '{last}' ORDER BY id LIMIT 1);
         INSERT INTO tasks (id, project_id, number, title, status, priority, due_at, labels, created_by, created_at, updated_at)
         SELECT gen_random_uuid(), project_id, 100 + {n}, title, status, priority, due_at, '{{goes}}', created_by, created_at, updated_at
         FROM tasks WHERE number <= 15 ORDER BY id OFFSET {n} LIMIT 1"
    ))
    .await;
}

fn compare(sort: &str, one: &Value, other: &Value) -> Ordering {
    sort.split(',').fold(Ordering::Equal, |so_far, key| {
        so_far.then_with(|| {
            let (field, descending) = key.strip_prefix('-').map_or((key, false), |field| (field, true));
            match (&one[field], &other[field]) {
                (Value::Null, Value::Null) => Ordering::Equal,
                (Value::Null, _) => Ordering::Greater,
                (_, Value::Null) => Ordering::Less,
                (one, other) => {
                    let order = rank(field, text(one)).cmp(&rank(field, text(other)));
                    if descending { order.reverse() } else { order }
                }
            }
        })
    })
}

/// Returns the rank of a value among those of its field.
fn rank(field: &str, value: &str) -> i64 {
    let place = |values: [&str; 4]| i64::try_from(values.iter().position(|known| *known == value).unwrap()).unwrap();
    match field {
        "title" => place(["alpha", "Beta", "Étude", "gamma"]),
        "status" => place(["todo", "in_progress", "done", "cancelled"]),
        "priority" => place(["low", "medium", "high", "urgent"]),
        _ => value.parse::<DateTime<Utc>>().unwrap().timestamp_micros(),
    }
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn a_page_has_the_requested_size_or_fifty_tasks(db: PgPool) {
    let app = App::new(&db);
    let ann = app.user("ann").await;
    app.sql(
        "INSERT INTO tasks (id, project_id, number, title, created_by)
             SELECT gen_random_uuid(), p.id, n, 'x', p.owner_id FROM generate_series(1, 201) n, projects p",
    )
    .await;
    for (query, length) in [("", 50), ("limit=1", 1), ("limit=200", 200)] {
        let page = app.as_user(&ann).get(&format!("/v1/tasks?{query}")).await.ok(200);
        assert_eq!(page["items"].as_array().unwrap().len(), length);
        assert!(page["next_cursor"].is_string());
    }
    app.sql("DELETE FROM tasks WHERE number > 50").await;
    let page = app.as_user(&ann).get("/v1/tasks").await.ok(200);
    assert!(page["next_cursor"].is_null(), "exactly one page is the last");
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn numbers_in_titles_are_sorted_numerically(db: PgPool) {
    let app = App::new(&db);
    let ann = app.user("ann").await;
    let titles = ["Task 1", "task 2", "Task 02", "Task 2", "Task 9 a9", "Task 9 a10", "Task 9 b", "Task 10", "Task 10"];
    for title in [7, 0, 5, 3, 8, 1, 6, 2, 4].map(|n: usize| titles[n]) {
        app.task(&ann, serde_json::json!({ "title": title })).await;
    }
    for limit in [1, 2, 3, 9] {
        assert_eq!(app.walk(&ann, "/v1/tasks?sort=title", limit, "title").await, titles);
        let mut turned = app.walk(&ann, "/v1/tasks?sort=-title", limit, "title").await;
        turned.reverse();
        assert_eq!(turned, titles);
    }
}

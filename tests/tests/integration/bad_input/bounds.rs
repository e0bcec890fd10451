//! Limits of a single request: the number of values, words and errors, and the time of a statement.

use std::time::Duration;

use serde_json::{Value, json};
use shared::db::{self, PgPool};
use sqlx::postgres::PgConnectOptions;

use crate::support::{App, id, operations, titles};

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn queries_are_limited_to_fifty_values_and_eight_words(db: PgPool) {
    let app = App::new(&db);
    let ada = app.admin("ada").await;
    app.task(&ada, json!({ "title": "One", "labels": ["x49"] })).await;
    let list = |value: &dyn Fn(usize) -> String, length: usize| (0..length).map(value).collect::<Vec<_>>().join(",");
    let ids = |n: usize| format!("00000000-0000-0000-0000-{n:012}");
    let lists: [(&str, &dyn Fn(usize) -> String); 6] = [
        ("tasks?label", &|n| format!("x{n}")),
        ("tasks?project_id", &ids),
        ("tasks?assignee_id", &ids),
        ("tasks?created_by", &ids),
        ("tasks?status", &|_| "todo".into()),
        ("users?role", &|_| "admin".into()),
    ];
    for (name, value) in lists {
        app.as_user(&ada).get(&format!("/v1/{name}={}", list(value, 50))).await.ok(200);
        let problem = app.as_user(&ada).get(&format!("/v1/{name}={}", list(value, 51))).await.ok(400);
        assert!(problem["detail"].as_str().unwrap().contains("at most 50 values"), "{problem}");
    }
    let found = app.as_user(&ada).get(&format!("/v1/tasks?label={}", list(&|n| format!("x{n}"), 50))).await.ok(200);
    assert_eq!(titles(&found), ["One"]);
    for path in ["/v1/tasks", "/v1/users"] {
        app.as_user(&ada).get(&format!("{path}?q=a%20b%20c%20d%20e%20f%20g%20h%20")).await.ok(200);
        let problem = app.as_user(&ada).get(&format!("{path}?q=a%20b%20c%20d%20e%20f%20g%20h%20i")).await.ok(400);
        assert!(problem["detail"].as_str().unwrap().contains("at most 8 words"), "{problem}");
        app.as_user(&ada).get(&format!("{path}?q={}", "x".repeat(201))).await.ok(400);
    }
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn a_quoted_value_may_contain_commas(db: PgPool) {
    let app = App::new(&db);
    let ann = app.user("ann").await;
    for (title, label) in [("a", "rock, paper"), ("b", "rock"), ("c", "5\" disk"), ("d", "\"so\", he said")] {
        app.task(&ann, json!({ "title": title, "labels": [label] })).await;
    }
    for (label, expected) in [
        ("rock,%20paper", "b"),
        ("%22rock,%20paper%22", "a"),
        ("%22rock,%20paper%22,%20rock", "ab"),
        ("5%22%20disk", "c"),
        ("%225%22%22%20disk%22", "c"),
        ("%22%22%22so%22%22,%20he%20said%22", "d"),
    ] {
        let page = app.as_user(&ann).get(&format!("/v1/tasks?sort=title&label={label}")).await.ok(200);
        assert_eq!(titles(&page).concat(), expected, "{label}");
    }
    for broken in ["%22rock", "%22rock%22%22", "%22rock%22x", "a,%22"] {
        app.as_user(&ann).get(&format!("/v1/tasks?label={broken}")).await.ok(400);
    }
    app.as_user(&ann).get("/v1/tasks?status=%22todo%22,done").await.ok(200);
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn a_problem_lists_at_most_a_hundred_errors(db: PgPool) {
    let app = App::new(&db);
    let ann = app.user("ann").await;
    let unknown = |count: usize| (0..count).map(|n| (format!("f{n}"), json!(1))).collect::<Value>();
    let labels = |count: usize| json!({ "title": "x", "labels": vec![1; count] });
    let with = |mut body: Value, more: &Value| {
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        body
    };
    let login = json!({ "email": "ann@example.com", "password": "x" });
    for (path, body, faults) in [
        ("/v1/tasks", labels(120_000), None),
        ("/v1/tasks", json!({ "labels": vec![vec!["x"; 500]; 100] }), None),
        ("/v1/tasks", with(labels(3), &unknown(20_000)), None),
        ("/v1/notifications/read", json!({ "ids": vec!["x"; 60_000] }), None),
        ("/v1/auth/login", with(login.clone(), &unknown(20_000)), None),
        ("/v1/auth/login", with(login.clone(), &unknown(101)), None),
        ("/v1/auth/login", with(login, &unknown(100)), Some(100)),
        ("/v1/tasks", labels(20), Some(20)),
        // One of the errors is that there are too many labels.
        ("/v1/tasks", labels(21), Some(22)),
        ("/v1/notifications/read", json!({ "ids": vec!["00000000-0000-0000-0000-000000000000"; 201] }), Some(1)),
    ] {
        let problem = app.as_user(&ann).post(path, body).await.ok(422);
        assert_eq!(problem["errors"].as_array().unwrap().len(), faults.unwrap_or(100), "{path} {problem}");
        assert_eq!(problem["more"] == true, faults.is_none(), "{path} {problem}");
    }
}

/// Arrays longer than every valid one are checked for errors only at their beginning.
#[test]
fn every_array_in_a_body_allows_at_most_200_items() {
    fn check(at: &str, schema: &Value) {
        let is_array =
            schema["type"] == "array" || schema["type"].as_array().is_some_and(|of| of.contains(&json!("array")));
        assert!(!is_array || schema["maxItems"].as_u64().is_some_and(|most| most <= 200), "{at}: {schema}");
        match schema {
            Value::Object(fields) => fields.iter().for_each(|(name, child)| check(&format!("{at}/{name}"), child)),
            Value::Array(items) => items.iter().for_each(|child| check(at, child)),
            _ => {}
        }
    }
    let document = serde_json::to_value(taskbell_tests::openapi::document()).unwrap();
    let mut names: Vec<String> = Vec::new();
    for operation in operations().into_iter().filter(|operation| operation.takes_body) {
        let body = &document["paths"][&operation.path][operation.method.to_lowercase()]["requestBody"];
        references(body, &mut names);
    }
    let mut seen = 0;
    while let Some(name) = names.get(seen).cloned() {
        let schema = &document["components"]["schemas"][&name];
        check(&name, schema);
        references(schema, &mut names);
        seen += 1;
    }
    assert!(seen > 15, "{names:?}");
}

fn references(schema: &Value, names: &mut Vec<String>) {
    match schema {
        Value::Object(fields) => {
            let name = fields.get("$ref").and_then(Value::as_str).and_then(|it| it.rsplit('/').next());
            if let Some(name) = name.filter(|name| !names.iter().any(|known| known == name)) {
                names.push(name.to_owned());
            }
            fields.values().for_each(|child| references(child, names));
        }
        Value::Array(items) => items.iter().for_each(|child| references(child, names)),
        _ => {}
    }
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn a_statement_timeout_answers_503(db: PgPool) {
    let options = PgConnectOptions::clone(&db.connect_options());
    let short = db::with_statement_timeout(options, Duration::from_millis(200));
    let (app, bounded) = (App::new(&db), App::with(&db, |parts| parts.db = db::pool(short, 1).into()));
    let ann = app.user("ann").await;
    let task = app.task(&ann, json!({ "title": "Old" })).await;
    let at = format!("/v1/tasks/{}", id(&task));
    let mut held = db.begin().await.unwrap();
    sqlx::query("SELECT id FROM tasks FOR UPDATE").execute(&mut *held).await.unwrap();

    let problem = bounded.as_user(&ann).patch(&at, json!({ "title": "New" })).await.ok(503);
    assert!(problem["detail"].as_str().unwrap().contains("too long"), "{problem}");

    held.rollback().await.unwrap();
    assert_eq!(app.as_user(&ann).get(&at).await.ok(200)["title"], "Old");
    app.as_user(&ann).patch(&at, json!({ "title": "New" })).await.ok(200);
}

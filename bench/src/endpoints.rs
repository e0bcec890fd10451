//! The endpoints that are measured. Each has the requests that people make in turn, and the same work in SQL alone.

use std::{cell::RefCell, rc::Rc};

use bytes::Bytes;
use serde_json::{Value, json};
use shared::{
    auth::Signer,
    db::task_list::{Assignee, Sort, SortBy, TaskFilter},
    domain::task::Status,
};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::{
    data::{self, Kind, PEOPLE},
    floor::Floor,
};

/// A signing key that only the tests use.
const KEY: &str = include_str!("../../tests/tests/integration/support/keys/signing-key.pem");
const KEY_ID: &str = "test";
pub(crate) const JWKS: &str = include_str!("../../tests/tests/integration/support/keys/jwks.json");
/// The issuer of the tokens.
pub(crate) const PUBLIC_URL: &str = "http://bench.example";
pub(crate) const PASSWORD: &str = "correct horse battery";

/// An endpoint.
pub(crate) struct Endpoint {
    /// The request in words, for the table.
    pub(crate) what: &'static str,
    /// The name of the function.
    pub(crate) function: &'static str,
    /// Returns the request with this number, as the gateway sends it to the function.
    pub(crate) request: Box<dyn Fn(usize) -> Bytes>,
    /// The same work in SQL alone.
    pub(crate) floor: Option<Floor>,
}

/// The access tokens of the people. They expire after less time than a run may take, which includes compiling.
pub(crate) struct Tokens {
    signer: Signer,
    issued: RefCell<Vec<String>>,
}

impl Tokens {
    /// Creates a value without tokens.
    pub(crate) fn new() -> anyhow::Result<Rc<Self>> {
        let signer = Signer::new(KEY, KEY_ID.into(), PUBLIC_URL.into())?;
        Ok(Rc::new(Self { signer, issued: RefCell::default() }))
    }

    /// Issues a new token to each person, for the requests that follow.
    pub(crate) fn issue(&self) -> anyhow::Result<()> {
        let token = |number| {
            let person = data::person(number);
            Ok(format!("Bearer {}", self.signer.sign(person.id, person.session_id)?))
        };
        // The first person is an administrator, who sees everything and makes no requests here.
        *self.issued.borrow_mut() = (1..=PEOPLE).map(token).collect::<anyhow::Result<_>>()?;
        Ok(())
    }
}

/// Returns the variables with the signing key and its id, for the function that logs people in.
pub(crate) fn signing_key() -> [(&'static str, String); 2] {
    [("JWT_SIGNING_KEY", KEY.into()), ("JWT_SIGNING_KEY_ID", KEY_ID.into())]
}

/// Returns all endpoints, whose requests use these tokens. Reads the ids of the tasks from `conn`.
pub(crate) async fn all(conn: &mut PgConnection, tokens: &Rc<Tokens>) -> anyhow::Result<Vec<Endpoint>> {
    let mut tasks = Vec::new();
    for number in 1..=PEOPLE {
        tasks.push(data::tasks_of(conn, &data::person(number)).await?);
    }
    let ask = |method: &'static str, path: fn(&[Uuid], usize) -> String, body: fn(usize) -> Option<Value>| {
        let (tokens, tasks) = (Rc::clone(tokens), tasks.clone());
        Box::new(move |number: usize| {
            let person = number % PEOPLE;
            let body = body(number);
            let token = &tokens.issued.borrow()[person];
            event(method, &path(&tasks[person], number), Some(token), body.as_ref(), None)
        })
    };
    let keyed = {
        let tokens = Rc::clone(tokens);
        Box::new(move |number: usize| {
            let token = &tokens.issued.borrow()[number % PEOPLE];
            event("POST", "/v1/tasks", Some(token), Some(&new_task(number)), Some(&Uuid::now_v7().to_string()))
        })
    };
    let nothing: fn(usize) -> Option<Value> = |_| None;
    let list = |what, query: fn(&[Uuid], usize) -> String, filter: fn(usize) -> TaskFilter| Endpoint {
        what,
        function: "list-tasks",
        request: ask("GET", query, nothing),
        floor: Some(Floor::List(filter)),
    };
    let mut endpoints = vec![
        Endpoint {
            what: "log in",
            function: "login",
            request: Box::new(|number| {
                let person = json!({ "email": format!("{}@example.com", 1 + number % PEOPLE), "password": PASSWORD });
                event("POST", "/v1/auth/login", None, Some(&person), None)
            }),
            floor: None,
        },
        Endpoint {
            what: "show a task",
            function: "get-task",
            request: ask("GET", |tasks, number| format!("/v1/tasks/{}", tasks[number / PEOPLE % tasks.len()]), nothing),
            floor: Some(Floor::Show(tasks.clone())),
        },
        list("list 50 tasks", |_, _| "/v1/tasks".into(), |_| TaskFilter::default()),
        list(
            "filter: my open tasks, by deadline",
            |_, _| "/v1/tasks?assignee_id=me&status=todo,in_progress&sort=due_at".into(),
            |number| TaskFilter {
                assignees: vec![Assignee::User(data::person(1 + number % PEOPLE).id)],
                statuses: vec![Status::Todo, Status::InProgress],
                sort: vec![Sort { by: SortBy::DueAt, descending: false }],
                ..TaskFilter::default()
            },
        ),
    ];
    endpoints.extend(searches(list));
    endpoints.extend([
        Endpoint {
            what: "create a task",
            function: "create-task",
            request: ask("POST", |_, _| "/v1/tasks".into(), |number| Some(new_task(number))),
            floor: Some(Floor::Create),
        },
        Endpoint {
            what: "create a task, with an Idempotency-Key",
            function: "create-task",
            request: keyed,
            floor: None,
        },
        Endpoint {
            what: "change a task",
            function: "update-task",
            request: ask(
                "PATCH",
                |tasks, number| format!("/v1/tasks/{}", tasks[number / PEOPLE % tasks.len()]),
                |number| Some(json!({ "title": format!("Changed {number} times") })),
            ),
            floor: Some(Floor::Change(tasks)),
        },
    ]);
    Ok(endpoints)
}

/// Returns searches for words that some, many and all tasks contain.
fn searches(
    list: impl Fn(&'static str, fn(&[Uuid], usize) -> String, fn(usize) -> TaskFilter) -> Endpoint,
) -> [Endpoint; 4] {
    [
        list(
            "search: a word of 200 tasks",
            |_, number| format!("/v1/tasks?q={}", word(number)),
            |number| TaskFilter { q: Some(word(number)), ..TaskFilter::default() },
        ),
        list(
            "search: a word of every 1,000th task",
            |_, number| format!("/v1/tasks?q=common{:03}", number % 997),
            |number| TaskFilter { q: Some(format!("common{:03}", number % 997)), ..TaskFilter::default() },
        ),
        list(
            "search: how words of every 100th begin",
            |_, number| format!("/v1/tasks?q=common{:02}", number % 99),
            |number| TaskFilter { q: Some(format!("common{:02}", number % 99)), ..TaskFilter::default() },
        ),
        list(
            "search: a word of every task",
            |_, _| "/v1/tasks?q=sentences".into(),
            |_| TaskFilter { q: Some("sentences".into()), ..TaskFilter::default() },
        ),
    ]
}

/// Returns a word that tasks in the projects of a person have in common (see `seed.sql`).
fn word(number: usize) -> String {
    format!("shared{:08}", (1 + number % PEOPLE) % 50)
}

/// Returns a new task in one of the caller's projects, assigned to another member.
fn new_task(number: usize) -> Value {
    let person = 1 + number % PEOPLE;
    json!({
        "title": format!("Written by the benchmark, number {number}"),
        "description": "Somebody wrote down what has to be done here, in two sentences. It concerns the benchmark.",
        "project_id": data::id(Kind::Project, person),
        "assignee_id": data::id(Kind::Person, (person + 50) % 1000),
        "priority": "high",
        "due_at": "2100-01-01T09:00:00Z",
        "labels": ["bench"],
    })
}

/// Returns an event of an HTTP API in payload format 2.0
/// (<https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html>).
fn event(method: &str, target: &str, token: Option<&str>, body: Option<&Value>, key: Option<&str>) -> Bytes {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let mut headers = json!({
        "accept": "application/json",
        "accept-encoding": "gzip, deflate, br",
        "content-length": body.map_or(0, |body| body.to_string().len()).to_string(),
        "host": "abcdefghij.execute-api.eu-central-1.amazonaws.com",
        "user-agent": "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
        "x-amzn-trace-id": "Root=1-65a1b2c3-0123456789abcdef01234567",
        "x-forwarded-for": "203.0.113.7",
        "x-forwarded-port": "443",
        "x-forwarded-proto": "https",
    });
    for (name, value) in
        [("authorization", token), ("idempotency-key", key), ("content-type", body.map(|_| "application/json"))]
    {
        if let Some(value) = value {
            headers[name] = value.into();
        }
    }
    let event = json!({
        "version": "2.0",
        "routeKey": format!("{method} {path}"),
        "rawPath": path,
        "rawQueryString": query,
        "headers": headers,
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "abcdefghij",
            "domainName": "abcdefghij.execute-api.eu-central-1.amazonaws.com",
            "domainPrefix": "abcdefghij",
            "http": { "method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "203.0.113.7", "userAgent": "Mozilla/5.0" },
            "requestId": "JKJaXmPLvHcESHA=",
            "routeKey": format!("{method} {path}"),
            "stage": "$default",
            "time": "24/Nov/2026:17:00:00 +0000",
            "timeEpoch": 1_795_539_600_000_u64,
        },
        "body": body.map(Value::to_string),
        "isBase64Encoded": false,
    });
    event.to_string().into()
}

use shared::db::PgPool;

use crate::support::{App, People, World, operations};

/// Values that are invalid almost everywhere, escaped for a URL.
const JUNK: [&str; 24] = [
    "%00",
    "a%00b",
    "%01%1B%7F",
    "%FF%FE",
    "%C3%28",
    "%F0%9F%98%80",
    "%27%20OR%201%3D1%20--",
    "%22",
    "%5C",
    "%25",
    "-1",
    "0",
    "99999999999999999999",
    "1e999",
    "null",
    "undefined",
    "infinity",
    "0001-01-01T00:00:00Z",
    "%2B262142-12-31T23:59:59Z",
    "-262143-01-01T00:00:00Z",
    "WEB-1",
    "-",
    "WEB%00-1",
    "WEB--99999999999",
];

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn a_path_with_an_unknown_id_answers_404(db: PgPool) {
    let app = App::new(&db);
    let people = People::new(&app).await;
    let world = World::new(&app, &people, &people.admin).await;
    let before = app.fingerprint().await;
    let long = "x".repeat(10_000);
    for operation in operations().iter().filter(|operation| operation.path.contains('{')) {
        for junk in JUNK.into_iter().chain([&*long, "00000000-0000-0000-0000-000000000000"]) {
            for parameter in ["{id}", "{user_id}"].into_iter().filter(|parameter| operation.path.contains(parameter)) {
                let path = operation.path.replace(parameter, junk);
                let path = world.path(&crate::support::Operation { path, ..operation.clone() });
                let reply = app.as_user(&people.admin).send(&operation.method, &path, world.body(operation)).await;
                assert_eq!(reply.status, 404, "{path}: {reply}");
            }
        }
    }
    assert_eq!(app.fingerprint().await, before);
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn junk_in_a_query_causes_no_server_error(db: PgPool) {
    let app = App::new(&db);
    let people = People::new(&app).await;
    let world = World::new(&app, &people, &people.admin).await;
    let before = app.fingerprint().await;
    let many = vec!["x"; 5_000].join(",");
    let ids = vec!["00000000-0000-0000-0000-000000000000"; 1_000].join(",");
    let mut understood = 0;
    for operation in operations().iter().filter(|operation| operation.method == "GET") {
        let path = world.path(operation);
        let otherwise = match &*operation.name {
            "unsubscribe-page" => 303,
            // The report is not ready.
            "get-report-file" => 409,
            _ => 200,
        };
        for name in &operation.query {
            for junk in JUNK.into_iter().chain([&*many, &*ids, "", ",", "%2C%2C"]) {
                let reply = app.as_user(&people.admin).get(&format!("{path}?{name}={junk}")).await;
                assert!(reply.status == 400 || reply.status == otherwise, "{name}={junk}: {reply}");
                understood += u32::from(reply.status == 200);
            }
        }
        // Mail programs may add parameters to an unsubscribe link.
        let reply = app.as_user(&people.admin).get(&format!("{path}?nonsense=1")).await;
        let minds = operation.query.iter().any(|name| ["limit", "since", "project_id"].contains(&&**name));
        assert_eq!(reply.status, if minds { 400 } else { otherwise }, "{reply}");
    }
    assert!(understood > 20, "some of it is a search for nothing");
    assert_eq!(app.fingerprint().await, before);
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn an_invalid_parameter_is_named_with_what_is_expected(db: PgPool) {
    let app = App::new(&db);
    let ann = app.user("ann").await;
    for (query, detail) in [
        ("limit=x", "limit must be an integer from 1 to 200."),
        ("limit=300", "limit must be an integer from 1 to 200."),
        ("limit=0", "limit must be from 1 to 200."),
        ("limit=1&limit=2", "limit is given twice."),
        ("overdue=maybe", "overdue must be true or false."),
        ("due_before=tomorrow", "due_before must be a time, as in 2026-01-31T09:00:00Z."),
        ("parent_id=WEB-1", "parent_id must be an id."),
        ("status=open", "status has a wrong value. Status: `todo`, `in_progress`, `done`, `cancelled`."),
    ] {
        let problem = app.as_user(&ann).get(&format!("/v1/tasks?{query}")).await.ok(400);
        assert_eq!((&problem["code"], &problem["detail"]), (&"invalid_parameter".into(), &detail.into()), "{query}");
    }
    let unknown = app.as_user(&ann).get("/v1/tasks?state=open").await.ok(400);
    let detail = unknown["detail"].as_str().unwrap();
    assert!(
        detail.starts_with("state is not a parameter of this request; its parameters are project_id, "),
        "{detail}"
    );
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn malformed_json_is_reported_with_its_position(db: PgPool) {
    let app = App::new(&db);
    for (body, detail) in [
        ("{\"email\": }", "The request body is not JSON: see line 1, column 11."),
        ("{\"email\": ", "The request body is not JSON: it ends too early."),
        ("", "The request body is not JSON: it ends too early."),
    ] {
        let reply = app.anyone().send_raw("POST", "/v1/auth/login", Some("application/json"), body).await.ok(400);
        assert_eq!((&reply["code"], &reply["detail"]), (&"malformed_json".into(), &detail.into()));
    }
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn invalid_headers_are_refused_or_ignored(db: PgPool) {
    let app = App::new(&db);
    let ann = app.user("ann").await;
    for value in ["", "\"", "W/\"1\"", "\"99999999999999999999\"", "\"-1\"", "\"1\"x", ",,,"] {
        app.as_user(&ann).if_match(value).patch("/v1/users/me", serde_json::json!({ "name": "x" })).await.ok(412);
    }
    for (name, value) in [
        ("accept", "text/html"),
        ("x-request-id", "mine"),
        ("user-agent", "\u{a0}"),
        ("cookie", "a=b"),
        ("origin", "https://evil.example.com"),
    ] {
        app.as_user(&ann).header(name, value).get("/v1/users/me").await.ok(200);
    }
}

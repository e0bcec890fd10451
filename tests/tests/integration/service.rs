use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Instant,
};

use serde_json::{Value, json};
use shared::db::{PgPool, RESTED};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use uuid::Uuid;

use crate::support::{App, Reply};

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn a_healthy_service_reports_ok(db: PgPool) {
    let health = App::new(&db).anyone().get("/v1/health").await.ok(200);
    assert_eq!((&health["status"], &health["checks"]), (&json!("ok"), &json!({ "database": "ok", "cache": "ok" })));
    assert!(health["version"].is_string());
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn the_document_describes_every_operation(db: PgPool) {
    let document = App::new(&db).anyone().get("/v1/openapi.json").await.ok(200);
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
    assert_eq!(document["components"]["securitySchemes"]["access_token"]["scheme"], "bearer");
    // Relative to /v1/openapi.json, so it is right at every address at which the API can be reached.
    assert_eq!(document["servers"], json!([{ "url": ".." }]));
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            for said in ["/summary", "/description", "/operationId", "/tags/0"] {
                let text = operation.pointer(said).and_then(Value::as_str).unwrap_or_default();
                assert!(!text.trim().is_empty(), "{method} {path} has no {said}");
            }
            for (status, response) in operation["responses"].as_object().unwrap() {
                let description = response["description"].as_str().unwrap_or_default();
                let said = response["$ref"].is_string() || !description.is_empty();
                assert!(said, "{method} {path} does not describe its {status}");
            }
            assert!(operation["responses"].get("default").is_none(), "{method} {path} answers whatever it likes");
            let named = path.matches('{').count();
            let parameters = operation["parameters"].as_array().map_or(&[][..], Vec::as_slice);
            assert_eq!(
                parameters.iter().filter(|parameter| parameter["in"] == "path").count(),
                named,
                "{method} {path}"
            );
        }
    }
    // All references have a target.
    let text = document.to_string();
    for reference in text.split("\"#/").skip(1) {
        let name = format!("/{}", reference.split('"').next().unwrap());
        assert!(document.pointer(&name).is_some(), "{name}");
    }
    // All components are referenced.
    for kind in ["schemas", "responses", "headers"] {
        for name in document["components"][kind].as_object().unwrap().keys() {
            assert!(text.contains(&format!("\"#/components/{kind}/{name}\"")), "nothing names {kind}/{name}");
        }
    }
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn the_documentation_loads_nothing_from_other_origins(db: PgPool) {
    let page = App::new(&db).anyone().get("/docs").await;
    assert!(page.header("content-type").starts_with("text/html"), "{page}");
    assert!(page.header("content-security-policy").starts_with("default-src 'none'"), "{page}");
    assert_eq!(page.header("referrer-policy"), "no-referrer");
    let Value::String(html) = page.ok(200) else { panic!("it is no text") };
    for outside in ["src=\"http", "src=\"//", "href=\"http", "@import", "url(http", "url(//"] {
        assert!(!html.contains(outside), "it has {outside}");
    }
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn unknown_paths_answer_404_and_unknown_methods_405(db: PgPool) {
    for app in [App::new(&db), App::unmatched(&db)] {
        for path in ["/", "/v1", "/v1/nothing", "/v1/tasks/", "/v1/tasks/1/2/3", "/v2/tasks", "/.env", "/v1/%00"] {
            app.anyone().get(path).await.ok(404);
        }
        for (method, path, allowed) in [
            ("DELETE", "/v1/tasks", "GET,POST"),
            ("PUT", "/v1/tasks/1", "DELETE,GET,PATCH"),
            ("GET", "/v1/auth/login", "POST"),
        ] {
            let reply = app.anyone().send(method, path, None).await;
            let mut allow: Vec<_> =
                reply.header("allow").split(',').map(str::trim).filter(|method| *method != "HEAD").collect();
            allow.sort_unstable();
            assert_eq!(allow.join(","), allowed, "{reply}");
            reply.ok(405);
        }
    }
}

/// Returns how many requests succeed before one is refused.
async fn let_through(send: impl AsyncFn() -> Reply) -> u32 {
    for count in 0..20 {
        let reply = send().await;
        if reply.status == 429 {
            assert!((1..=60).contains(&reply.header("retry-after").parse::<u32>().unwrap()), "{reply}");
            return count;
        }
    }
    panic!("there is no limit");
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn requests_above_the_rate_limit_answer_429(db: PgPool) {
    let app = App::with(&db, |parts| (parts.settings.open_per_minute, parts.settings.user_per_minute) = (3, 4));
    // These addresses and ids are unique, so that no other test or run shares their limits.
    let (address, another) = (Uuid::now_v7().to_string(), Uuid::now_v7().to_string());
    let (ann, bob) = (app.user("ann").await, app.user("bob").await);
    let login = json!({ "email": "nobody@example.com", "password": "wrong password" });
    // The minute may end meanwhile, and the count restarts: then as many requests again succeed.
    let visitor = app.anyone().calling_from(&address);
    let count = let_through(async || visitor.post("/v1/auth/login", login.clone()).await).await;
    assert!((3..=6).contains(&count), "{count}");
    app.anyone().calling_from(&another).post("/v1/auth/login", login.clone()).await.ok(401);
    let user = app.as_user(&ann);
    let count = let_through(async || user.get("/v1/users/me").await).await;
    assert!((4..=8).contains(&count), "{count}");
    app.as_user(&bob).get("/v1/users/me").await.ok(200);
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn connections_are_kept_except_after_a_rollback(db: PgPool) {
    let releases = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&releases);
    let pool = PgPoolOptions::new().max_connections(1).after_release(move |_, _| {
        counted.fetch_add(1, Ordering::SeqCst);
        Box::pin(async { Ok(true) })
    });
    let options = PgConnectOptions::clone(&db.connect_options()).application_name("kept");
    let pool = pool.connect_lazy_with(options);
    let app = App::with(&db, |parts| parts.db = pool.clone().into());
    let (ann, own) = (app.user("ann").await, app.user("own").await);
    let list = async || _ = app.as_user(&ann).get("/v1/tasks").await.ok(200);
    let create = async || {
        let user = app.as_user(&ann).idempotency_key(&Uuid::now_v7().to_string());
        user.post("/v1/tasks", json!({ "title": "Once" })).await.ok(201);
    };
    list().await;
    // Count only pairs of requests that are both answered before the connection counts as idle, which are few on a slow
    // machine. With a key there is a transaction.
    let (mut read, mut created) = (Vec::new(), Vec::new());
    while read.len() < 3 || created.len() < 3 {
        let (before, began) = (releases.load(Ordering::SeqCst), Instant::now());
        let reads = read.len() < 3;
        for _ in 0..2 {
            if reads { list().await } else { create().await }
        }
        if began.elapsed() < RESTED {
            let released = if reads { &mut read } else { &mut created };
            released.push(releases.load(Ordering::SeqCst) - before);
        }
    }
    let none = |released: &[usize]| released.iter().all(|times| *times == 0);
    assert!(none(&read) && none(&created), "it came back: {read:?} {created:?}");
    // The connection is kept after a single statement, and by handlers that refuse before they take it or are not
    // reached. A transaction that is rolled back returns it.
    for (path, body, status) in [
        ("/v1/tasks", json!({ "title": "Write" }), 201),
        ("/v1/projects", json!({ "key": "WEB", "name": "Website" }), 403),
        ("/v1/tasks", json!({ "title": 7 }), 422),
        ("/v1/tasks", json!({ "title": "Read" }), 201),
    ] {
        app.as_user(&ann).post(path, body).await.ok(status);
    }
    let keyed = app.as_user(&ann).idempotency_key("k");
    keyed.post("/v1/tasks", json!({ "title": "Once" })).await.ok(201);
    keyed.post("/v1/tasks", json!({ "title": "Another" })).await.ok(422);
    drop(pool.acquire().await.unwrap());
    // Concurrent requests do not wait for a connection that another keeps.
    let many = (0..20)
        .map(async |number| app.as_user(if number % 2 == 0 { &ann } else { &own }).get("/v1/tasks").await.ok(200));
    futures_util::future::join_all(many).await;
    // The next request may fail on a connection that the database has closed, but none after it.
    list().await;
    app.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'kept'").await;
    app.as_user(&ann).get("/v1/tasks").await;
    list().await;
}

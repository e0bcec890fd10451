//! Names, passwords, addresses and times in the various forms in which people and keyboards write them.

use serde_json::json;
use shared::db::PgPool;
use sqlx::PgConnection;

use crate::{
    fuzz::escaped,
    support::{App, PASSWORD, Reply, each, id, text},
};

async fn register(app: &App, email: &str, password: &str, name: &str) -> Reply {
    app.anyone().post("/v1/auth/register", json!({ "email": email, "password": password, "name": name })).await
}

async fn log_in(app: &App, email: &str, password: &str) -> Reply {
    app.anyone().post("/v1/auth/login", json!({ "email": email, "password": password })).await
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn names_that_contain_web_addresses_are_refused(db: PgPool) {
    let app = App::new(&db);
    let (root, ann) = (app.admin("root").await, app.user("ann").await);
    let before = app.fingerprint().await;
    for name in [
        "Win at https://evil.example",
        "WWW.evil.example",
        "ｗｗｗ．evil.example",
        "h\u{200b}ttp:/\u{200b}/evil.example",
    ] {
        register(&app, "bob@example.com", PASSWORD, name).await.wrong(&["/name"]);
        app.as_user(&ann).patch("/v1/users/me", json!({ "name": name })).await.wrong(&["/name"]);
        app.as_user(&root).patch(&format!("/v1/users/{}", ann.id), json!({ "name": name })).await.wrong(&["/name"]);
    }
    assert_eq!(app.fingerprint().await, before);
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn addresses_that_no_mail_can_reach_are_refused(db: PgPool) {
    let app = App::new(&db);
    let before = app.fingerprint().await;
    for bad in [
        "ann@localhost",
        "ann@[127.0.0.1]",
        "ann@[IPv6:::1]",
        "ann@127.0.0.1",
        "ann@example.com.",
        "ann@exa mple.com",
        "ann",
    ] {
        register(&app, bad, PASSWORD, "Ann").await.wrong(&["/email"]);
    }
    assert_eq!(app.fingerprint().await, before);
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn different_spellings_of_an_email_address_name_one_account(db: PgPool) {
    let app = App::new(&db);
    let answer = register(&app, "  Ann@Bücher.Example ", PASSWORD, "Ann").await.ok(201);
    assert_eq!(answer["user"]["email"], "ann@xn--bcher-kva.example");
    app.sql("UPDATE users SET role = 'manager'").await;
    let ann = app.with_token(text(&answer["access_token"]));
    for (n, written) in
        ["ann@xn--bcher-kva.example", "ANN@BÜCHER.example ", "ann@bu\u{308}cher.example", "ann@bücher。example"]
            .iter()
            .enumerate()
    {
        register(&app, written, PASSWORD, "Ann").await.ok(409);
        log_in(&app, written, PASSWORD).await.ok(200);
        app.anyone().post("/v1/auth/password/forgot", json!({ "email": written })).await.ok(202);
        assert_eq!(app.count("emails WHERE kind = 'reset_password'").await, 1 + i64::try_from(n).unwrap());
        let q = escaped(written);
        assert_eq!(each(&ann.get(&format!("/v1/users?q={q}")).await.ok(200), "name"), ["Ann"], "{written}");
    }
    assert_eq!(each(&ann.get("/v1/users?q=b%C3%BCcher").await.ok(200), "name"), ["Ann"]);
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn passwords_match_in_every_unicode_form(db: PgPool) {
    let app = App::new(&db);
    let (composed, decomposed, spaced) = ("Café am Markt", "Cafe\u{301} am Markt", "Café\u{a0}am\u{3000}Markt");
    for (n, chosen) in [composed, decomposed, spaced].iter().enumerate() {
        let email = format!("ann{n}@example.com");
        register(&app, &email, chosen, "Ann").await.ok(201);
        for typed in [composed, decomposed, spaced] {
            log_in(&app, &email, typed).await.ok(200);
        }
    }
    // A hash that was stored before passwords were normalized.
    let ann = app.user("ann").await;
    store_as_typed(&mut db.acquire().await.unwrap(), decomposed).await;
    log_in(&app, &ann.email, decomposed).await.ok(200);
    let change = json!({ "current_password": decomposed, "new_password": decomposed });
    app.as_user(&ann).put("/v1/users/me/password", change).await.ok(204);
    log_in(&app, &ann.email, composed).await.ok(200);

    for blank in [" ".repeat(12), "\u{3000}".repeat(12), "\u{200b}\u{3164}".repeat(6), "e\u{301}".repeat(5)] {
        register(&app, "bob@example.com", &blank, "Bob").await.wrong(&["/password"]);
        let change = json!({ "current_password": PASSWORD, "new_password": blank });
        app.as_user(&ann).put("/v1/users/me/password", change).await.wrong(&["/new_password"]);
    }
}

/// Stores the Argon2id hash of the unchanged bytes, as before passwords were normalized.
async fn store_as_typed(conn: &mut PgConnection, password: &str) {
    use argon2::{Argon2, password_hash::PasswordHasher};
    let hash = Argon2::default().hash_password(password.as_bytes()).unwrap().to_string();
    sqlx::query("UPDATE users SET password_hash = $1").bind(hash).execute(conn).await.unwrap();
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn texts_are_stored_and_searched_in_one_unicode_form(db: PgPool) {
    let app = App::new(&db);
    let ann = app.manager("ann").await;
    let client = app.as_user(&ann);
    let (given, kept) = ("Cafe\u{301}", "Café");
    let new = json!({ "title": given, "description": given, "labels": [given, kept] });
    let task = client.post("/v1/tasks", new).await.ok(201);
    assert_eq!((&task["title"], &task["description"], &task["labels"]), (&json!(kept), &json!(kept), &json!([kept])));
    let path = format!("/v1/tasks/{}", id(&task));
    let same = client.patch(&path, json!({ "title": given, "labels": [given] })).await.ok(200);
    assert_eq!(same["version"], 1, "no change");
    let comment = client.post(&format!("{path}/comments"), json!({ "body": given })).await.ok(201);
    assert_eq!(comment["body"], kept);
    let project = client.post("/v1/projects", json!({ "key": "CAF", "name": given })).await.ok(201);
    assert_eq!(project["name"], kept);
    assert_eq!(client.patch("/v1/users/me", json!({ "name": given })).await.ok(200)["name"], kept);
    for query in [
        "label=Cafe%CC%81",
        "label=Caf%C3%A9",
        "q=Cafe%CC%81",
        "q=Caf%C3%A9&label=x,Cafe%CC%81",
        "status=todo&q=Cafe%CC%81",
    ] {
        let found = client.get(&format!("/v1/tasks?{query}")).await.ok(200);
        assert_eq!(each(&found, "id"), [&task["id"]], "{query}");
    }
    client.get("/v1/tasks?q=Cafe%CC%81&nonsense=1").await.ok(400);
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn times_outside_the_years_0001_to_9999_are_refused(db: PgPool) {
    let app = App::new(&db);
    let ann = app.user("ann").await;
    let client = app.as_user(&ann);
    let task = app.task(&ann, json!({ "title": "x" })).await;
    let path = format!("/v1/tasks/{}", id(&task));
    for late in ["9999-12-31T23:59:60Z", "9999-12-31T23:59:59-00:01", "9999-12-31T23:59:60.5Z"] {
        client.post("/v1/tasks", json!({ "title": "x", "due_at": late })).await.wrong(&["/due_at"]);
        client.patch(&path, json!({ "due_at": late })).await.wrong(&["/due_at"]);
        let report = json!({ "kind": "overdue", "from": "9999-01-01T00:00:00Z", "to": late, "format": "csv" });
        client.post("/v1/reports", report).await.wrong(&["/to"]);
    }
    for late in
        ["9999-12-31T23:59:60Z", "%2B10000-01-01T00:00:00Z", "-0001-12-31T23:59:59Z", "0000-01-01T00:00:00%2B00:01"]
    {
        for name in ["due_before", "due_after"] {
            client.get(&format!("/v1/tasks?{name}={late}")).await.ok(400);
        }
    }
    client.get("/v1/tasks?due_after=0001-01-01T00:00:00Z&due_before=9999-12-31T23:59:59.999999Z").await.ok(200);

    // A recurring task ends where the calendar ends, and subtasks keep their dates if they would leave it.
    let recurrence = json!({ "rrule": "FREQ=YEARLY", "time_zone": "UTC" });
    let new = json!({ "title": "x", "due_at": "9996-12-31T12:00:00Z", "recurrence": recurrence });
    let task = client.post("/v1/tasks", new).await.ok(201);
    let part = json!({ "title": "part", "parent_id": task["id"], "due_at": "9999-12-31T23:00:00Z" });
    client.post("/v1/tasks", part).await.ok(201);
    let mut path = format!("/v1/tasks/{}", id(&task));
    for _ in 0..3 {
        client.patch(&path, json!({ "status": "done" })).await.ok(200);
        let next = client.get("/v1/tasks?status=todo&q=x").await.ok(200);
        if let Some(next) = next["items"].as_array().unwrap().iter().find(|task| !task["recurrence"].is_null()) {
            path = format!("/v1/tasks/{}", id(next));
        }
    }
    assert_eq!(app.count("tasks WHERE due_at >= '10000-01-01Z'").await, 0);
    assert!(app.count("tasks WHERE title = 'part'").await > 1, "it came again");
}

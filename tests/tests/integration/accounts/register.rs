use serde_json::json;
use shared::db::PgPool;

use crate::support::{App, PASSWORD, each, text};

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn registration_creates_an_account_and_a_session(db: PgPool) {
    let app = App::new(&db);
    let new =
        json!({ "email": " Ann@Example.COM ", "password": PASSWORD, "name": " Ann B. ", "time_zone": "Asia/Kolkata" });
    let reply = app.anyone().post("/v1/auth/register", new).await;
    assert_eq!(reply.header("location"), "/v1/users/me");
    let answer = reply.ok(201);

    let user = &answer["user"];
    let mut fields: Vec<_> = user.as_object().unwrap().keys().map(String::as_str).collect();
    fields.sort_unstable();
    let expected = ["active", "created_at", "email", "email_verified", "id", "name", "role", "time_zone", "updated_at"];
    assert_eq!(fields, expected);
    let shown = json!({ "email": "ann@example.com", "name": "Ann B.", "role": "user", "time_zone": "Asia/Kolkata",
        "active": true, "email_verified": false });
    for (field, value) in shown.as_object().unwrap() {
        assert_eq!(&user[field], value, "{field}");
    }
    assert!(text(&user["created_at"]).ends_with('Z'));
    assert_eq!((&answer["token_type"], &answer["expires_in"]), (&json!("Bearer"), &json!(900)));

    let client = app.with_token(text(&answer["access_token"]));
    assert_eq!(&client.get("/v1/users/me").await.ok(200), user);
    let projects = client.get("/v1/projects").await.ok(200);
    assert_eq!(each(&projects, "personal"), [&json!(true)], "everyone has an Inbox");
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn registration_stores_a_password_hash_and_orders_a_mail(db: PgPool) {
    let app = App::new(&db);
    let (ann, answer) = app.register("ann").await;
    let hash: String = app.one("SELECT password_hash FROM users").await;
    assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
    let everything: String = app.one("SELECT concat((SELECT json_agg(u) FROM users u), (SELECT json_agg(t) FROM refresh_tokens t), (SELECT json_agg(o) FROM outbox o))").await;
    assert!(!everything.contains(PASSWORD) && !everything.contains(text(&answer["refresh_token"])));

    let ordered = format!(
        "emails e JOIN outbox o ON o.payload = jsonb_build_object('email_id', e.id) AND o.queue = 'emails'
         WHERE e.kind = 'verify_email' AND e.user_id = '{}'",
        ann.id
    );
    assert_eq!(app.count(&ordered).await, 1);
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn registration_with_a_known_address_is_refused(db: PgPool) {
    let app = App::new(&db);
    app.user("ann").await;
    let before = app.fingerprint().await;
    let again = json!({ "email": "ANN@example.com", "password": PASSWORD, "name": "Ann" });
    app.anyone().post("/v1/auth/register", again.clone()).await.ok(409);
    assert_eq!(app.fingerprint().await, before);

    // Of two concurrent registrations, one succeeds.
    let bob = json!({ "email": "bob@example.com", "password": PASSWORD, "name": "Bob" });
    let client = app.anyone();
    let (one, other) =
        tokio::join!(client.post("/v1/auth/register", bob.clone()), client.post("/v1/auth/register", bob.clone()));
    let mut statuses = [one.status, other.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409]);
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn registration_reports_all_invalid_fields(db: PgPool) {
    let app = App::new(&db);
    let before = app.fingerprint().await;
    let long = "x".repeat(101);
    let wrong = [
        (json!({}), vec!["/email", "/name", "/password"]),
        (
            json!({ "email": "ann", "password": "short", "name": " ", "time_zone": "Mars/Olympus", "role": "admin" }),
            vec!["/email", "/name", "/password", "/role", "/time_zone"],
        ),
        (
            json!({ "email": 7, "password": null, "name": [long], "time_zone": {} }),
            vec!["/email", "/name", "/password", "/time_zone"],
        ),
        (json!({ "email": "ann@example.com", "password": "p".repeat(129), "name": long }), vec!["/name", "/password"]),
        (
            json!({ "email": format!("{}@example.com", "a".repeat(250)), "password": PASSWORD, "name": "Ann" }),
            vec!["/email"],
        ),
        (
            json!({ "email": "ann@example.com", "password": "nul\u{0}nul\u{0}nul", "name": "A\u{0}nn" }),
            vec!["/name", "/password"],
        ),
        (json!([]), vec![""]),
    ];
    for (body, pointers) in wrong {
        app.anyone().post("/v1/auth/register", body).await.wrong(&pointers);
    }
    assert_eq!(app.fingerprint().await, before);
}

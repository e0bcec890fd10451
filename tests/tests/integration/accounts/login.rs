use serde_json::{Value, json};
use shared::db::{
    PgPool,
    login_failures::MAX_FAILURES,
    one_time_tokens::{self, Purpose},
};

use crate::support::{App, Client, PASSWORD, Reply, text};

async fn log_in(client: &Client, email: &str, password: &str) -> Reply {
    client.post("/v1/auth/login", json!({ "email": email, "password": password })).await
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn the_right_password_logs_in(db: PgPool) {
    let app = App::new(&db);
    let ann = app.user("ann").await;
    let answer = log_in(&app.anyone(), " ANN@example.com ", PASSWORD).await.ok(200);
    let me = app.with_token(text(&answer["access_token"])).get("/v1/users/me").await.ok(200);
    assert_eq!(me, answer["user"]);
    assert_eq!(me["id"], json!(ann.id));
    assert!(answer["refresh_token"].is_string() && answer["expires_in"].is_u64());
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn whoever_cannot_log_in_is_told_the_same(db: PgPool) {
    let app = App::new(&db);
    let (_, bob) = (app.user("ann").await, app.user("bob").await);
    app.sql(&format!("UPDATE users SET active = false WHERE id = '{}'", bob.id)).await;
    let before = app.fingerprint().await;
    let wrong = log_in(&app.anyone(), "ann@example.com", "wrong password").await.comparable();
    assert_eq!(wrong.0, 401);
    assert_eq!(log_in(&app.anyone(), "nobody@example.com", PASSWORD).await.comparable(), wrong);
    assert_eq!(log_in(&app.anyone(), "bob@example.com", PASSWORD).await.comparable(), wrong, "not active");
    assert_eq!(app.fingerprint().await, before);
}

/// Fails until the address is locked, and answers every answer on the way.
async fn lock_out(client: &Client, email: &str) -> Vec<(u16, Value)> {
    let mut answers = Vec::new();
    for _ in 0..=MAX_FAILURES {
        answers.push(log_in(client, email, "wrong password").await.comparable());
    }
    answers
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn ten_failures_lock_an_address_whether_it_is_known_or_not(db: PgPool) {
    let app = App::new(&db);
    app.user("ann").await;
    let known = lock_out(&app.anyone(), "ann@example.com").await;
    let statuses: Vec<_> = known.iter().map(|(status, _)| *status).collect();
    assert_eq!(statuses, [[401; 10].as_slice(), &[429]].concat());
    assert_eq!(lock_out(&app.anyone(), "nobody@example.com").await, known);

    let locked = log_in(&app.anyone(), "ann@example.com", PASSWORD).await;
    assert!((1..=900).contains(&locked.header("retry-after").parse::<u32>().unwrap()), "{locked}");
    locked.ok(429);

    // After its time it is open, and the count begins anew.
    app.sql("UPDATE login_failures SET locked_until = now(), last_failed_at = last_failed_at - interval '16 minutes'")
        .await;
    log_in(&app.anyone(), "ann@example.com", "wrong password").await.ok(401);
    log_in(&app.anyone(), "ann@example.com", PASSWORD).await.ok(200);
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn a_success_forgets_the_failures_before_it(db: PgPool) {
    let app = App::new(&db);
    app.user("ann").await;
    for _ in 0..2 {
        for _ in 1..MAX_FAILURES {
            log_in(&app.anyone(), "ann@example.com", "wrong password").await.ok(401);
        }
        log_in(&app.anyone(), "ann@example.com", PASSWORD).await.ok(200);
    }
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn a_reset_password_ends_a_lock_out(db: PgPool) {
    let app = App::new(&db);
    let ann = app.user("ann").await;
    lock_out(&app.anyone(), &ann.email).await;
    let mut conn = db.acquire().await.unwrap();
    let token = one_time_tokens::create(&mut conn, ann.id, Purpose::ResetPassword).await.unwrap();
    let reset = json!({ "token": token.expose(), "password": "another good one" });
    app.anyone().post("/v1/auth/password/reset", reset).await.ok(204);
    log_in(&app.anyone(), &ann.email, "another good one").await.ok(200);
}

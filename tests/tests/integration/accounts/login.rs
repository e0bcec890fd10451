use futures_util::future::join_all;
use serde_json::json;
use shared::{
    db::{
        PgPool,
        attempts::{FROM_ALL_SOURCES, FROM_ONE_SOURCE},
    },
    domain::email::OneTimePurpose,
};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::support::{App, Client, PASSWORD, Reply, one_time_token, text, waiting};

async fn log_in(client: &Client, email: &str, password: &str) -> Reply {
    client.post("/v1/auth/login", json!({ "email": email, "password": password })).await
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn login_with_the_right_password_succeeds(db: PgPool) {
    let app = App::new(&db);
    let ann = app.user("ann").await;
    let answer = log_in(&app.anyone(), " ANN@example.com ", PASSWORD).await.ok(200);
    let me = app.with_token(text(&answer["access_token"])).get("/v1/users/me").await.ok(200);
    assert_eq!(me, answer["user"]);
    assert_eq!(me["id"], json!(ann.id));
    assert!(answer["refresh_token"].is_string() && answer["expires_in"].is_u64());
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn failed_logins_give_the_same_answer_for_every_cause(db: PgPool) {
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

/// Fails to log in until the address is locked for this client. Returns every answer, without the time to wait.
async fn lock_out(client: &Client, email: &str) -> Vec<(u16, String)> {
    let mut answers = Vec::new();
    for _ in 0..=FROM_ONE_SOURCE {
        let (status, body) = log_in(client, email, "wrong password").await.comparable();
        answers.push((status, body.to_string().replace(|c: char| c.is_ascii_digit(), "")));
    }
    answers
}

/// Stores as many failed attempts as all sources together may make, without the time that real ones would take.
async fn use_up(app: &App, email: &str) {
    app.sql(&format!(
        "INSERT INTO attempts (kind, who, source, attempts, ends_at)
         VALUES ('log_in', '{email}', '', {FROM_ALL_SOURCES}, now() + interval '1 day')
         ON CONFLICT (kind, who, source) DO UPDATE SET attempts = excluded.attempts"
    ))
    .await;
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn ten_failed_logins_lock_an_address_for_their_source(db: PgPool) {
    let app = App::new(&db);
    app.user("ann").await;
    let attacker = app.anyone().calling_from("198.51.100.66");
    let known = lock_out(&attacker, "ann@example.com").await;
    let statuses: Vec<_> = known.iter().map(|(status, _)| *status).collect();
    assert_eq!(statuses, [[401; 10].as_slice(), &[429]].concat());
    assert_eq!(lock_out(&attacker, "nobody@example.com").await, known);

    let locked = log_in(&attacker, "ann@example.com", PASSWORD).await;
    assert!((1..=900).contains(&locked.header("retry-after").parse::<u32>().unwrap()), "{locked}");
    locked.ok(429);
    // Other addresses from this source and the same address from other sources stay open.
    log_in(&attacker, "bob@example.com", "wrong password").await.ok(401);
    log_in(&app.anyone(), "ann@example.com", PASSWORD).await.ok(200);
    log_in(&attacker, "ann@example.com", PASSWORD).await.ok(429);

    // When the lock ends, the count starts again.
    app.sql("UPDATE attempts SET ends_at = now()").await;
    log_in(&attacker, "ann@example.com", "wrong password").await.ok(401);
    log_in(&attacker, "ann@example.com", PASSWORD).await.ok(200);
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn ipv6_addresses_of_one_network_count_as_one_source(db: PgPool) {
    let app = App::new(&db);
    for n in 0..FROM_ONE_SOURCE {
        let client = app.anyone().calling_from(&format!("2001:db8:0:1::{n}"));
        log_in(&client, "ann@example.com", "wrong password").await.ok(401);
    }
    log_in(&app.anyone().calling_from("2001:db8:0:1:ffff::"), "ann@example.com", "wrong password").await.ok(429);
    log_in(&app.anyone().calling_from("2001:db8:0:2::"), "ann@example.com", "wrong password").await.ok(401);
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn concurrent_logins_do_not_exceed_the_limit(db: PgPool) {
    let pool = PgPoolOptions::new().max_connections(25).connect_with(PgConnectOptions::clone(&db.connect_options()));
    let pool = pool.await.unwrap();
    let app = App::new(&pool);
    app.user("ann").await;
    let client = app.anyone();
    log_in(&client, "ann@example.com", "wrong password").await.ok(401);
    // They wait where they are counted, until all of them have arrived.
    let mut lock = pool.begin().await.unwrap();
    sqlx::query("SELECT FROM attempts FOR UPDATE").execute(&mut *lock).await.unwrap();
    let release = async {
        waiting(&db, 20).await;
        lock.commit().await.unwrap();
    };
    let wrong = join_all((0..20).map(|_| log_in(&client, "ann@example.com", "wrong password")));
    let (answers, ()) = tokio::join!(wrong, release);
    let count = |status| answers.iter().filter(|answer| answer.status == status).count();
    assert_eq!((count(401), count(429)), (9, 11), "one was looked at before");
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn all_sources_share_a_limit_except_known_sources(db: PgPool) {
    let app = App::new(&db);
    let (ann, home) = (app.user("ann").await, app.anyone().calling_from("192.0.2.1"));
    log_in(&home, &ann.email, PASSWORD).await.ok(200);
    for n in 0..3 {
        let client = app.anyone().calling_from(&format!("198.51.100.{n}"));
        log_in(&client, &ann.email, "wrong password").await.ok(401);
        log_in(&client, "nobody@example.com", "wrong password").await.ok(401);
    }
    let from_all = "SELECT attempts FROM attempts WHERE source = '' AND who = ";
    assert_eq!(app.one::<i32>(&format!("{from_all} 'ann@example.com'")).await, 3);
    assert_eq!(app.one::<i32>(&format!("{from_all} 'nobody@example.com'")).await, 3, "the good one was taken back");

    for address in [&*ann.email, "nobody@example.com"] {
        use_up(&app, address).await;
        let refused = log_in(&app.anyone().calling_from("198.51.100.9"), address, PASSWORD).await;
        assert!((901..=86_400).contains(&refused.header("retry-after").parse::<u32>().unwrap()), "{refused}");
        refused.ok(429);
    }
    let refused = "attempts WHERE source = '198.51.100.9'";
    assert_eq!(app.count(refused).await, 0, "what is refused is not counted");
    // From a known source she can log in, and a failure there does not count for the other sources.
    log_in(&home, &ann.email, "wrong password").await.ok(401);
    log_in(&home, &ann.email, PASSWORD).await.ok(200);
    assert_eq!(app.one::<i32>(&format!("{from_all} 'ann@example.com'")).await, FROM_ALL_SOURCES);
    let elsewhere = app.anyone().calling_from("192.0.2.99");
    log_in(&elsewhere, &ann.email, PASSWORD).await.ok(429);
    // From an unknown source she can log in after a password reset, even if the attempts of others go on.
    let body = json!({ "token": one_time_token(&app, &ann, OneTimePurpose::ResetPassword).await, "password": "another good one" });
    elsewhere.post("/v1/auth/password/reset", body).await.ok(204);
    use_up(&app, &ann.email).await;
    log_in(&elsewhere, &ann.email, "another good one").await.ok(200);
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn a_locked_address_does_not_prevent_a_password_change(db: PgPool) {
    let app = App::new(&db);
    let ann = app.user("ann").await;
    lock_out(&app.anyone(), &ann.email).await;
    use_up(&app, &ann.email).await;
    let change = json!({ "current_password": PASSWORD, "new_password": "another good one" });
    app.as_user(&ann).put("/v1/users/me/password", change).await.ok(204);
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn a_successful_login_resets_the_count_of_failures(db: PgPool) {
    let app = App::new(&db);
    app.user("ann").await;
    for _ in 0..2 {
        for _ in 1..FROM_ONE_SOURCE {
            log_in(&app.anyone(), "ann@example.com", "wrong password").await.ok(401);
        }
        log_in(&app.anyone(), "ann@example.com", PASSWORD).await.ok(200);
    }
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn a_password_reset_ends_a_lockout(db: PgPool) {
    let app = App::new(&db);
    let ann = app.user("ann").await;
    lock_out(&app.anyone(), &ann.email).await;
    let reset = json!({ "token": one_time_token(&app, &ann, OneTimePurpose::ResetPassword).await, "password": "another good one" });
    app.anyone().post("/v1/auth/password/reset", reset).await.ok(204);
    log_in(&app.anyone(), &ann.email, "another good one").await.ok(200);
}

//! Forgotten passwords and confirmed addresses: the links that mails carry.

use serde_json::json;
use shared::db::{
    PgPool,
    one_time_tokens::{self, Purpose},
};

use crate::support::{App, PASSWORD, Person, Reply};

const NEW: &str = "another good one";

async fn token(app: &App, person: &Person, purpose: Purpose) -> String {
    let mut conn = app.db.acquire().await.unwrap();
    one_time_tokens::create(&mut conn, person.id, purpose).await.unwrap().expose().to_owned()
}

async fn reset(app: &App, token: &str) -> Reply {
    app.anyone().post("/v1/auth/password/reset", json!({ "token": token, "password": NEW })).await
}

async fn verify(app: &App, token: &str) -> Reply {
    app.anyone().post("/v1/auth/email/verify", json!({ "token": token })).await
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn a_forgotten_password_orders_a_mail_for_who_has_an_account_and_answers_all_alike(db: PgPool) {
    let app = App::new(&db);
    let (_, bob) = (app.user("ann").await, app.user("bob").await);
    app.sql(&format!("UPDATE users SET active = false WHERE id = '{}'", bob.id)).await;
    let mails = async || app.count("emails WHERE kind = 'reset_password'").await;
    for (email, ordered) in
        [("Ann@example.com", 1), ("nobody@example.com", 1), ("bob@example.com", 1), ("ann@example.com", 2)]
    {
        let forgotten = app.anyone().post("/v1/auth/password/forgot", json!({ "email": email })).await;
        assert_eq!(forgotten.ok(202), json!(null));
        assert_eq!(mails().await, ordered, "{email}");
    }
    assert_eq!(app.count("outbox WHERE queue = 'emails'").await, 4, "the same work, whoever it is");
    for _ in 0..5 {
        app.anyone().post("/v1/auth/password/forgot", json!({ "email": "ann@example.com" })).await.ok(202);
    }
    assert_eq!(mails().await, 5, "nobody's mailbox is flooded");
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn a_reset_works_once_ends_every_session_and_confirms_the_address(db: PgPool) {
    let app = App::new(&db);
    let ann = app.user("ann").await;
    let (unused, used) =
        (token(&app, &ann, Purpose::ResetPassword).await, token(&app, &ann, Purpose::ResetPassword).await);
    reset(&app, &used).await.ok(204);
    app.as_(&ann).get("/v1/users/me").await.ok(401);
    app.anyone().post("/v1/auth/login", json!({ "email": ann.email, "password": PASSWORD })).await.ok(401);
    let answer = app.anyone().post("/v1/auth/login", json!({ "email": ann.email, "password": NEW })).await.ok(200);
    assert_eq!(answer["user"]["email_verified"], true);
    reset(&app, &used).await.wrong(&["/token"]);
    reset(&app, &unused).await.wrong(&["/token"]);
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn of_two_who_use_a_link_at_once_one_succeeds(db: PgPool) {
    let app = App::new(&db);
    let ann = app.user("ann").await;
    let token = token(&app, &ann, Purpose::ResetPassword).await;
    let (one, other) = tokio::join!(reset(&app, &token), reset(&app, &token));
    let mut statuses = [one.status, other.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [204, 422]);
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn an_address_is_confirmed_once(db: PgPool) {
    let app = App::new(&db);
    let ann = app.user("ann").await;
    let token = token(&app, &ann, Purpose::VerifyEmail).await;
    verify(&app, &token).await.ok(204);
    assert_eq!(app.as_(&ann).get("/v1/users/me").await.ok(200)["email_verified"], true);
    verify(&app, &token).await.wrong(&["/token"]);
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn links_are_good_for_their_purpose_their_time_and_active_people_only(db: PgPool) {
    let app = App::new(&db);
    let ann = app.user("ann").await;
    let (to_reset, to_verify) =
        (token(&app, &ann, Purpose::ResetPassword).await, token(&app, &ann, Purpose::VerifyEmail).await);
    let before = app.fingerprint().await;
    reset(&app, &to_verify).await.wrong(&["/token"]);
    verify(&app, &to_reset).await.wrong(&["/token"]);
    verify(&app, "made up").await.wrong(&["/token"]);
    assert_eq!(app.fingerprint().await, before);

    app.sql("UPDATE users SET active = false").await;
    reset(&app, &to_reset).await.wrong(&["/token"]);
    app.sql("UPDATE users SET active = true; UPDATE one_time_tokens SET expires_at = now()").await;
    reset(&app, &to_reset).await.wrong(&["/token"]);
    verify(&app, &to_verify).await.wrong(&["/token"]);
}

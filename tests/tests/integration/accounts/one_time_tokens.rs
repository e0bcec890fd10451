//! Forgotten passwords and confirmed addresses: the links in mails.

use chrono::Utc;
use serde_json::json;
use shared::{db::PgPool, domain::email::OneTimePurpose};
use taskbell_queue::send_email::Outcome;
use uuid::Uuid;

use crate::support::{App, PASSWORD, Person, Reply, one_time_token as token, send_email};

const NEW: &str = "another good one";

async fn reset(app: &App, token: &str) -> Reply {
    app.anyone().post("/v1/auth/password/reset", json!({ "token": token, "password": NEW })).await
}

async fn verify(app: &App, token: &str) -> Reply {
    app.anyone().post("/v1/auth/email/verify", json!({ "token": token })).await
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn forgot_password_answers_the_same_with_and_without_an_account(db: PgPool) {
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
async fn a_password_reset_works_once_and_ends_every_session(db: PgPool) {
    let app = App::new(&db);
    let ann = app.user("ann").await;
    let (unused, used) = (
        token(&app, &ann, OneTimePurpose::ResetPassword).await,
        token(&app, &ann, OneTimePurpose::ResetPassword).await,
    );
    reset(&app, &used).await.ok(204);
    app.as_user(&ann).get("/v1/users/me").await.ok(401);
    app.anyone().post("/v1/auth/login", json!({ "email": ann.email, "password": PASSWORD })).await.ok(401);
    let answer = app.anyone().post("/v1/auth/login", json!({ "email": ann.email, "password": NEW })).await.ok(200);
    assert_eq!(answer["user"]["email_verified"], true);
    reset(&app, &used).await.wrong(&["/token"]);
    reset(&app, &unused).await.wrong(&["/token"]);
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn concurrent_uses_of_a_reset_link_succeed_once(db: PgPool) {
    let app = App::new(&db);
    let ann = app.user("ann").await;
    let token = token(&app, &ann, OneTimePurpose::ResetPassword).await;
    let (one, other) = tokio::join!(reset(&app, &token), reset(&app, &token));
    let mut statuses = [one.status, other.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [204, 422]);
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn an_email_verification_link_works_once(db: PgPool) {
    let app = App::new(&db);
    let ann = app.user("ann").await;
    let token = token(&app, &ann, OneTimePurpose::VerifyEmail).await;
    verify(&app, &token).await.ok(204);
    assert_eq!(app.as_user(&ann).get("/v1/users/me").await.ok(200)["email_verified"], true);
    verify(&app, &token).await.wrong(&["/token"]);
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn links_are_refused_for_other_purposes_when_expired_or_for_inactive_users(db: PgPool) {
    let app = App::new(&db);
    let ann = app.user("ann").await;
    let (to_reset, to_verify) =
        (token(&app, &ann, OneTimePurpose::ResetPassword).await, token(&app, &ann, OneTimePurpose::VerifyEmail).await);
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

/// Changes the password or the account in one of three ways, none of which uses the link that was sent.
async fn change(app: &App, person: &Person, how: &str) {
    match how {
        "changed" => {
            let change = json!({ "current_password": PASSWORD, "new_password": NEW });
            app.as_user(person).put("/v1/users/me/password", change).await.ok(204);
        }
        "reset" => {
            let other = token(app, person, OneTimePurpose::ResetPassword).await;
            reset(app, &other).await.ok(204);
        }
        _ => {
            let (root, path) = (app.admin(&format!("root {how}")).await, format!("/v1/users/{}", person.id));
            for active in [false, true] {
                app.as_user(&root).patch(&path, json!({ "active": active })).await.ok(200);
            }
        }
    }
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn a_reset_link_is_void_after_the_password_or_the_account_changes(db: PgPool) {
    let app = App::new(&db);
    for how in ["changed", "reset", "deactivated"] {
        let ann = app.user(how).await;
        let (old, confirms) = (
            token(&app, &ann, OneTimePurpose::ResetPassword).await,
            token(&app, &ann, OneTimePurpose::VerifyEmail).await,
        );
        change(&app, &ann, how).await;
        reset(&app, &old).await.wrong(&["/token"]);
        verify(&app, &confirms).await.ok(204);
        // A link that is requested now is valid.
        let new = token(&app, &ann, OneTimePurpose::ResetPassword).await;
        reset(&app, &new).await.ok(204);
    }
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn a_reset_mail_requested_before_a_password_change_is_not_sent(db: PgPool) {
    let app = App::new(&db);
    let send_email = send_email(&db);
    let links = async || app.count("one_time_tokens WHERE purpose = 'reset_password'").await;
    for how in ["changed", "reset", "deactivated"] {
        let ann = app.user(how).await;
        let order = async || {
            app.anyone().post("/v1/auth/password/forgot", json!({ "email": ann.email })).await.ok(202);
            app.one::<Uuid>("SELECT id FROM outbox WHERE queue = 'emails' ORDER BY id DESC LIMIT 1").await
        };
        let (tried, untried) = (order().await, order().await);
        // The mail server is unavailable: the first message is delivered again, and creates a new link with each
        // attempt.
        send_email.send(tried, Utc::now()).await.unwrap_err();
        assert_eq!(links().await, 1);
        change(&app, &ann, how).await;
        for mail in [tried, untried] {
            assert_eq!(send_email.send(mail, Utc::now()).await.unwrap(), Outcome::Nothing, "{how}");
        }
        assert_eq!(links().await, 0, "{how}");
        let withdrawn = "emails WHERE kind = 'reset_password' AND failed_at IS NOT NULL AND sent_at IS NULL";
        assert_eq!(app.count(&format!("{withdrawn} AND user_id = '{}'", ann.id)).await, 2);
        // A mail that is ordered now has a link.
        let mail = order().await;
        send_email.send(mail, Utc::now()).await.unwrap_err();
        assert_eq!(links().await, 1, "{how}");
        app.sql("DELETE FROM one_time_tokens").await;
    }
}

use serde_json::{Value, json};
use shared::db::PgPool;

use crate::support::{App, Person, Reply, each, text};

async fn refresh(app: &App, answer: &Value) -> Reply {
    app.anyone().post("/v1/auth/refresh", json!({ "refresh_token": answer["refresh_token"] })).await
}

/// Returns whether the person's access token is valid now.
async fn is_in(app: &App, person: &Person) -> bool {
    let reply = app.as_user(person).get("/v1/users/me").await;
    assert!(matches!(reply.status, 200 | 401), "{reply}");
    reply.status == 200
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn a_refresh_returns_new_tokens(db: PgPool) {
    let app = App::new(&db);
    let (_, mut answer) = app.log_in(&app.user("ann").await).await;
    for _ in 0..3 {
        let next = refresh(&app, &answer).await.ok(200);
        assert_ne!(next["refresh_token"], answer["refresh_token"]);
        assert_eq!(next["user"], answer["user"]);
        app.with_token(text(&next["access_token"])).get("/v1/users/me").await.ok(200);
        answer = next;
    }
    assert_eq!(app.count("sessions WHERE revoked_at IS NULL").await, 2, "a refresh begins no session");
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn reuse_of_a_refresh_token_ends_its_session(db: PgPool) {
    let app = App::new(&db);
    let elsewhere = app.user("ann").await;
    let (ann, first) = app.log_in(&elsewhere).await;
    let second = refresh(&app, &first).await.ok(200);
    assert!(is_in(&app, &ann).await);
    app.end_grace().await;
    refresh(&app, &first).await.ok(401);
    assert!(!is_in(&app, &ann).await, "the access token is over at once");
    app.with_token(text(&second["access_token"])).get("/v1/users/me").await.ok(401);
    refresh(&app, &second).await.ok(401);
    assert!(is_in(&app, &elsewhere).await, "other sessions go on");
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn concurrent_refreshes_with_one_token_get_one_successor(db: PgPool) {
    let app = App::new(&db);
    let (_, answer) = app.log_in(&app.user("ann").await).await;
    let (one, other) = tokio::join!(refresh(&app, &answer), refresh(&app, &answer));
    assert_eq!(one.ok(200)["refresh_token"], other.ok(200)["refresh_token"]);
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn unknown_and_expired_refresh_tokens_are_refused(db: PgPool) {
    let app = App::new(&db);
    let (_, answer) = app.log_in(&app.user("ann").await).await;
    refresh(&app, &json!({ "refresh_token": "made up" })).await.ok(401);
    refresh(&app, &json!({ "refresh_token": "" })).await.ok(401);
    app.sql("UPDATE sessions SET expires_at = now()").await;
    refresh(&app, &answer).await.ok(401);
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn logout_takes_effect_at_once(db: PgPool) {
    let app = App::new(&db);
    let elsewhere = app.user("ann").await;
    let (ann, answer) = app.log_in(&elsewhere).await;
    let token = json!({ "refresh_token": answer["refresh_token"] });
    app.anyone().post("/v1/auth/logout", token.clone()).await.ok(204);
    assert!(!is_in(&app, &ann).await);
    refresh(&app, &answer).await.ok(401);
    assert!(is_in(&app, &elsewhere).await);
    app.anyone().post("/v1/auth/logout", token).await.ok(204);
    app.anyone().post("/v1/auth/logout", json!({ "refresh_token": "made up" })).await.ok(204);
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn users_list_and_end_their_own_sessions(db: PgPool) {
    let app = App::new(&db);
    let (first, bob) = (app.user("ann").await, app.user("bob").await);
    let phone = app.anyone().header("user-agent", &"phone ".repeat(100)).calling_from("198.51.100.9");
    let login = json!({ "email": first.email, "password": crate::support::PASSWORD });
    let answer = phone.post("/v1/auth/login", login).await.ok(200);
    let client = app.with_token(text(&answer["access_token"]));

    let page = client.get("/v1/users/me/sessions").await.ok(200);
    assert_eq!(each(&page, "current"), [true, false], "newest first");
    assert_eq!(each(&page, "ip_address"), ["198.51.100.9", "203.0.113.7"]);
    assert_eq!(text(&page["items"][0]["user_agent"]).len(), 200);
    let one = client.get("/v1/users/me/sessions?limit=1").await.ok(200);
    let cursor = text(&one["next_cursor"]);
    let two = client.get(&format!("/v1/users/me/sessions?limit=1&cursor={cursor}")).await.ok(200);
    assert_eq!([&one["items"][0], &two["items"][0]], [&page["items"][0], &page["items"][1]]);
    assert!(two["next_cursor"].is_null());

    let there = format!("/v1/users/me/sessions/{}", first.session_id);
    app.as_user(&bob).delete(&there).await.ok(404);
    assert!(is_in(&app, &first).await);
    client.delete(&there).await.ok(204);
    assert!(!is_in(&app, &first).await);
    client.delete(&there).await.ok(404);
    assert_eq!(each(&client.get("/v1/users/me/sessions").await.ok(200), "current"), [true]);
}

use serde_json::json;
use shared::db::{PgPool, attempts::FROM_ONE_SOURCE};

use crate::support::{App, PASSWORD};

const NEW: &str = "another good one";

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn a_password_change_ends_all_other_sessions(db: PgPool) {
    let app = App::new(&db);
    let elsewhere = app.user("ann").await;
    let (ann, answer) = app.log_in(&elsewhere).await;
    let change = json!({ "current_password": PASSWORD, "new_password": NEW });
    app.as_user(&ann).put("/v1/users/me/password", change).await.ok(204);

    app.as_user(&ann).get("/v1/users/me").await.ok(200);
    app.as_user(&elsewhere).get("/v1/users/me").await.ok(401);
    let token = json!({ "refresh_token": answer["refresh_token"] });
    app.anyone().post("/v1/auth/refresh", token).await.ok(200);
    for (password, status) in [(PASSWORD, 401), (NEW, 200)] {
        let login = json!({ "email": ann.email, "password": password });
        app.anyone().post("/v1/auth/login", login).await.ok(status);
    }
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn a_password_change_requires_the_current_password(db: PgPool) {
    let app = App::new(&db);
    let ann = app.user("ann").await;
    let before = app.fingerprint().await;
    let guess = json!({ "current_password": "wrong password", "new_password": NEW });
    for _ in 0..FROM_ONE_SOURCE {
        app.as_user(&ann).put("/v1/users/me/password", guess.clone()).await.wrong(&["/current_password"]);
    }
    app.as_user(&ann).put("/v1/users/me/password", guess.clone()).await.ok(429);
    let short = json!({ "current_password": PASSWORD, "new_password": "short" });
    app.as_user(&ann).put("/v1/users/me/password", short).await.wrong(&["/new_password"]);
    assert_eq!(app.fingerprint().await, before);

    // Wrong guesses in one session lock neither another session nor the login.
    let (elsewhere, _) = app.log_in(&ann).await;
    let change = json!({ "current_password": PASSWORD, "new_password": NEW });
    app.as_user(&elsewhere).put("/v1/users/me/password", change).await.ok(204);
}

//! What happens to an account while its password is verified. The test locks the account, so that it controls the order
//! of two requests: the first one that waits gets the lock first.

use serde_json::json;
use shared::{
    db::{Database, PgPool, one_time_tokens},
    domain::email::OneTimePurpose,
    queue::Queues,
};
use sqlx::{Postgres, Transaction};

use crate::support::{App, PASSWORD, Person, Reply, one_time_token, text, waiting};

const NEW: &str = "another good one";

/// What makes the old password and every session invalid.
#[derive(Debug, Clone, Copy)]
enum Change {
    Password,
    Reset,
    Deactivation,
}

struct Scene {
    app: App,
    db: PgPool,
    root: Person,
    ann: Person,
    token: String,
}

impl Scene {
    async fn new(db: &PgPool, name: &str) -> Self {
        let app = App::new(db);
        let (root, ann) = (app.admin(&format!("root.{name}")).await, app.user(name).await);
        let token = one_time_token(&app, &ann, OneTimePurpose::ResetPassword).await;
        Self { app, db: db.clone(), root, ann, token }
    }

    /// Locks the account: requests that need it wait until this transaction ends.
    async fn lock(&self) -> Transaction<'static, Postgres> {
        let mut lock = self.db.begin().await.unwrap();
        sqlx::query("SELECT FROM users WHERE id = $1 FOR UPDATE").bind(self.ann.id).execute(&mut *lock).await.unwrap();
        lock
    }

    async fn change(&self, change: Change) -> Reply {
        match change {
            Change::Password => {
                let body = json!({ "current_password": PASSWORD, "new_password": NEW });
                self.app.as_user(&self.ann).put("/v1/users/me/password", body).await
            }
            Change::Reset => {
                let body = json!({ "token": self.token, "password": NEW });
                self.app.anyone().post("/v1/auth/password/reset", body).await
            }
            Change::Deactivation => {
                let path = format!("/v1/users/{}", self.ann.id);
                self.app.as_user(&self.root).patch(&path, json!({ "active": false })).await
            }
        }
    }

    async fn log_in(&self) -> Reply {
        let body = json!({ "email": self.ann.email, "password": PASSWORD });
        self.app.anyone().post("/v1/auth/login", body).await
    }

    /// Returns whether a session goes on that began with the old password, apart from the one that changed the
    /// password.
    async fn lives(&self) -> bool {
        let (id, own) = (self.ann.id, self.ann.session_id);
        self.app.count(&format!("sessions WHERE user_id = '{id}' AND id <> '{own}' AND revoked_at IS NULL")).await > 0
    }
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn a_login_with_the_old_password_fails_after_a_change(db: PgPool) {
    for change in [Change::Password, Change::Reset, Change::Deactivation] {
        let scene = Scene::new(&db, &format!("{change:?}")).await;
        let lock = scene.lock().await;
        let in_order = async {
            waiting(&db, 1).await;
            let log_in = scene.log_in();
            let release = async {
                waiting(&db, 2).await;
                lock.commit().await.unwrap();
            };
            tokio::join!(log_in, release).0
        };
        let (changed, logged_in) = tokio::join!(scene.change(change), in_order);
        assert!(matches!(changed.status, 200 | 204), "{changed}");
        assert_eq!(logged_in.status, 401, "{change:?}: {logged_in}");
        assert!(!scene.lives().await, "{change:?}");
    }
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn a_session_that_begins_before_a_change_is_ended_by_it(db: PgPool) {
    for change in [Change::Password, Change::Reset, Change::Deactivation] {
        let scene = Scene::new(&db, &format!("{change:?}")).await;
        let lock = scene.lock().await;
        let in_order = async {
            waiting(&db, 1).await;
            let change = scene.change(change);
            let release = async {
                waiting(&db, 2).await;
                lock.commit().await.unwrap();
            };
            tokio::join!(change, release).0
        };
        let (logged_in, changed) = tokio::join!(scene.log_in(), in_order);
        assert!(matches!(changed.status, 200 | 204), "{changed}");
        let answer = logged_in.ok(200);
        scene.app.with_token(text(&answer["access_token"])).get("/v1/users/me").await.ok(401);
        let token = json!({ "refresh_token": answer["refresh_token"] });
        scene.app.anyone().post("/v1/auth/refresh", token).await.ok(401);
        assert!(!scene.lives().await, "{change:?}");
    }
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn concurrent_password_changes_succeed_once(db: PgPool) {
    for (first, second) in [(Change::Password, Change::Reset), (Change::Reset, Change::Password)] {
        let scene = Scene::new(&db, &format!("{first:?}")).await;
        let lock = scene.lock().await;
        let in_order = async {
            waiting(&db, 1).await;
            let release = async {
                waiting(&db, 2).await;
                lock.commit().await.unwrap();
            };
            tokio::join!(scene.change(second), release).0
        };
        let (one, other) = tokio::join!(scene.change(first), in_order);
        one.ok(204);
        // A change voids the link; a reset ends the session that is about to change the password.
        other.ok(if matches!(second, Change::Reset) { 422 } else { 401 });
    }
    let scene = Scene::new(&db, "twice").await;
    let lock = scene.lock().await;
    let release = async {
        waiting(&db, 2).await;
        lock.commit().await.unwrap();
    };
    let (one, other, ()) = tokio::join!(scene.change(Change::Password), scene.change(Change::Password), release);
    let mut statuses = [one.status, other.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [204, 422], "the second knew the password of before");
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn a_password_change_fails_if_its_session_ends_meanwhile(db: PgPool) {
    let scene = Scene::new(&db, "ann").await;
    let lock = scene.lock().await;
    let log_out = async {
        waiting(&db, 1).await;
        let path = format!("/v1/users/me/sessions/{}", scene.ann.session_id);
        scene.app.as_user(&scene.ann).delete(&path).await.ok(204);
        lock.commit().await.unwrap();
    };
    let (changed, ()) = tokio::join!(scene.change(Change::Password), log_out);
    changed.ok(401);
    scene.log_in().await.ok(200);
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn a_refresh_fails_if_its_session_ends_meanwhile(db: PgPool) {
    let app = App::new(&db);
    let (ann, answer) = app.log_in(&app.user("ann").await).await;
    let mut ending = Database::from(db.clone()).begin().await.unwrap();
    shared::db::sessions::revoke(&mut ending, ann.id, ann.session_id).await.unwrap();
    let end = async {
        waiting(&db, 1).await;
        ending.commit(&Queues::none()).await.unwrap();
    };
    let client = app.anyone();
    let token = json!({ "refresh_token": answer["refresh_token"] });
    let (refreshed, ()) = tokio::join!(client.post("/v1/auth/refresh", token), end);
    refreshed.ok(401);
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn a_reset_link_is_not_created_while_the_password_changes(db: PgPool) {
    let scene = Scene::new(&db, "ann").await;
    let ordered_at = chrono::Utc::now();
    let lock = scene.lock().await;
    let make = async {
        waiting(&db, 1).await;
        let mut conn = db.acquire().await.unwrap();
        let release = async {
            waiting(&db, 2).await;
            lock.commit().await.unwrap();
        };
        let made = one_time_tokens::create(&mut conn, scene.ann.id, OneTimePurpose::ResetPassword, ordered_at);
        tokio::join!(made, release).0.unwrap()
    };
    let (changed, made) = tokio::join!(scene.change(Change::Password), make);
    changed.ok(204);
    assert!(made.is_none(), "the mail was ordered before");
    assert_eq!(scene.app.count("one_time_tokens").await, 0);
}

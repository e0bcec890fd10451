//! Tokens and tickets: only those that were issued are valid.
//!
//! Near-valid input is a valid token that was changed, shortened or extended.

use std::sync::Arc;

use proptest::{collection::vec, prelude::*, sample::Index};
use serde_json::{Value, json};
use shared::{
    db::PgPool,
    domain::{Caller, account::Role, email::OneTimePurpose},
    realtime,
};
use taskbell_websocket::{
    Event, Reply,
    connect::{self, ConnectState},
};
use uuid::Uuid;

use super::{changed, escaped, holds};
use crate::support::{App, cache, one_time_token, text};

/// A way to forge a token.
#[derive(Debug, Clone)]
enum Forgery {
    Edited(Vec<(Index, String)>),
    Cut(Index),
    Longer(String),
    Made(String),
}

impl Forgery {
    /// Returns the forged token, or `None` if it equals the original.
    fn of(&self, token: &str) -> Option<String> {
        let forged = match self {
            Self::Edited(edits) => changed(token, edits),
            Self::Cut(at) => token[..at.index(token.len())].to_owned(),
            Self::Longer(more) => format!("{token}{more}"),
            Self::Made(text) => text.clone(),
        };
        (forged != token).then_some(forged)
    }
}

/// Generates forgeries of characters that are valid in a header, without spaces, which are ignored around a token.
fn forgeries() -> impl Strategy<Value = Forgery> {
    prop_oneof![
        4 => vec((any::<Index>(), "[!-~]{0,2}"), 1..3).prop_map(Forgery::Edited),
        1 => any::<Index>().prop_map(Forgery::Cut),
        1 => "[!-~]{1,5}".prop_map(Forgery::Longer),
        1 => "[!-~]{0,60}".prop_map(Forgery::Made),
        1 => "[A-Za-z0-9_-]{1,40}\\.[A-Za-z0-9_-]{1,40}\\.[A-Za-z0-9_-]{0,90}".prop_map(Forgery::Made),
    ]
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn a_changed_access_token_is_refused(db: PgPool) {
    let app = App::new(&db);
    let ann = app.user("ann").await;
    app.as_user(&ann).get("/v1/users/me").await.ok(200);
    holds(file!(), 1, forgeries, async move |forgery: Forgery| {
        if let Some(forged) = forgery.of(&ann.token) {
            app.with_token(&forged).get("/v1/users/me").await.ok(401);
        }
    })
    .await;
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn refresh_and_one_time_tokens_work_unchanged_and_once(db: PgPool) {
    let app = Arc::new(App::new(&db));
    let (ann, logged_in) = app.register("ann").await;
    let refresh = text(&logged_in["refresh_token"]).to_owned();
    let confirm = one_time_token(&app, &ann, OneTimePurpose::VerifyEmail).await;
    let reset = one_time_token(&app, &ann, OneTimePurpose::ResetPassword).await;
    let password = "another horse battery";
    let uses = [
        ("/v1/auth/refresh", refresh.clone(), json!({ "refresh_token": null }), 401, 200),
        ("/v1/auth/email/verify", confirm, json!({ "token": null }), 422, 204),
        ("/v1/auth/password/reset", reset, json!({ "token": null, "password": password }), 422, 204),
    ];
    let (forger, tried) = (Arc::clone(&app), uses.clone());
    holds(file!(), 2, forgeries, async move |forgery: Forgery| {
        for (path, secret, body, refused, _) in &tried {
            if let Some(forged) = forgery.of(secret) {
                forger.anyone().post(path, with(body, &forged)).await.ok(*refused);
            }
        }
    })
    .await;
    for (path, secret, body, refused, good) in &uses {
        app.anyone().post(path, with(body, secret)).await.ok(*good);
        app.end_grace().await;
        app.anyone().post(path, with(body, secret)).await.ok(*refused);
    }
}

/// Returns the body with the secret in its place.
fn with(body: &Value, secret: &str) -> Value {
    let mut body = body.clone();
    for (_, value) in body.as_object_mut().unwrap().iter_mut().filter(|(_, value)| value.is_null()) {
        *value = secret.into();
    }
    body
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn a_changed_unsubscribe_link_is_refused(db: PgPool) {
    let app = App::new(&db);
    let ann = app.user("ann").await;
    let key = shared::auth::UnsubscribeKey::new(crate::support::UNSUBSCRIBE_KEY);
    let token = key.sign_summary(ann.id).unwrap();
    app.anyone().post(&format!("/v1/unsubscribe?token={token}"), None).await.ok(200);
    let before = app.fingerprint().await;
    holds(
        file!(),
        2,
        || (forgeries(), "\\PC{0,20}"),
        async move |(forgery, any): (Forgery, String)| {
            for forged in forgery.of(&token).into_iter().chain([any]) {
                let path = format!("/v1/unsubscribe?token={}", escaped(&forged));
                app.anyone().get(&path).await.ok(303);
                app.anyone().post(&path, None).await.ok(400);
            }
            assert_eq!(app.fingerprint().await, before);
        },
    )
    .await;
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn a_ticket_opens_one_connection(db: PgPool) {
    let app = App::new(&db);
    let ann = app.user("ann").await;
    let state = Arc::new(ConnectState { db: db.into(), cache: cache() });
    holds(
        file!(),
        2,
        || (forgeries(), "\\PC{0,40}"),
        async move |(forgery, any): (Forgery, String)| {
            let caller = Caller { id: ann.id, session_id: ann.session_id, role: Role::User };
            let ticket = realtime::create_ticket(&state.cache, &caller).await.unwrap().expose().to_owned();
            let open = async |ticket: &str| {
                let connection_id = Uuid::now_v7().to_string();
                let event =
                    Event { connection_id, is_lifecycle: true, ticket: Some(ticket.into()), message: Value::Null };
                connect::handle(Arc::clone(&state), event).await.unwrap()
            };
            for forged in forgery.of(&ticket).into_iter().chain([any]) {
                assert_eq!(open(&forged).await, Reply::Unauthorized, "{forged}");
            }
            assert_eq!(open(&ticket).await, Reply::Ok);
            assert_eq!(open(&ticket).await, Reply::Unauthorized, "a second time");
        },
    )
    .await;
}

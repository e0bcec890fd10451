//! The API in this process, people who use it, and helpers for what tests need first.

mod client;
mod consumers;
mod mails;
mod operations;
mod world;

use std::{sync::OnceLock, time::Duration};

use axum::Router;
use serde_json::{Value, json};
use shared::{
    auth::{RefreshKey, Signer, UnsubscribeKey, Verifier, hash_password},
    db::{self, PgPool, one_time_tokens, users::NewUser},
    domain::{account::Role, email::OneTimePurpose},
    queue::Queues,
};
use sqlx::AssertSqlSafe;
use taskbell_http::{AppState, Parts, SessionCookies, Settings};
use uuid::Uuid;

pub(crate) use client::{Client, Reply};
pub(crate) use consumers::{
    GATHER, NOWHERE, cache, notify, notify_with, own_pool, pushed, said, send_email, storage, waiting,
};
pub(crate) use mails::{Letter, Post};
pub(crate) use operations::{Operation, operations};
pub(crate) use world::{People, World};

/// Keys that only the tests use, made with `openssl genpkey -algorithm ed25519`.
pub(crate) const SIGNING_KEY: &str = include_str!("keys/signing-key.pem");
pub(crate) const OTHER_KEY: &str = include_str!("keys/other-key.pem");
pub(crate) const JWKS: &str = include_str!("keys/jwks.json");
pub(crate) const UNSUBSCRIBE_KEY: &str = "a key of the tests, thirty-two bytes";
pub(crate) const REFRESH_KEY: &str = "another key of the tests, as long as it";
pub(crate) const KEY_ID: &str = "test";
pub(crate) const ISSUER: &str = "https://api.example.com";
pub(crate) const PASSWORD: &str = "correct horse battery";

/// The whole API with one database.
pub(crate) struct App {
    pub(crate) db: PgPool,
    router: Router,
    signer: Signer,
}

/// A user with a session.
#[derive(Debug, Clone)]
pub(crate) struct Person {
    pub(crate) id: Uuid,
    pub(crate) email: String,
    pub(crate) session_id: Uuid,
    pub(crate) token: String,
}

impl App {
    /// Returns the API as it is deployed, but without rate limits.
    pub(crate) fn new(db: &PgPool) -> Self {
        Self::with(db, |_| {})
    }

    /// Returns the API with some of its parts changed.
    pub(crate) fn with(db: &PgPool, change: impl FnOnce(&mut Parts)) -> Self {
        Self::of(taskbell_tests::openapi::api().into(), db, change)
    }

    /// Returns the function that answers unmatched routes.
    pub(crate) fn unmatched(db: &PgPool) -> Self {
        Self::of(taskbell_http::unmatched(include_str!("../../../../functions/http/openapi.json")), db, |_| {})
    }

    /// Returns another router in place of the API.
    pub(crate) fn of(router: Router<AppState>, db: &PgPool, change: impl FnOnce(&mut Parts)) -> Self {
        let settings = Settings {
            public_url: ISSUER.into(),
            cookies: SessionCookies::new(ISSUER),
            refresh_grace: Duration::from_secs(30),
            origin_secret: None,
            open_per_minute: 0,
            user_per_minute: 0,
            websocket_url: "wss://live.example.com".into(),
        };
        let mut parts = Parts {
            db: db.clone().into(),
            cache: cache(),
            verifier: Verifier::new(JWKS, ISSUER).unwrap(),
            signer: Some(signer()),
            refresh: Some(RefreshKey::new(REFRESH_KEY).unwrap()),
            queues: Queues::new([]),
            unsubscribe: Some(UnsubscribeKey::new(UNSUBSCRIBE_KEY)),
            storage: Some(consumers::storage()),
            settings,
        };
        change(&mut parts);
        let router = taskbell_http::app(router, AppState::new(parts));
        Self { db: db.clone(), router, signer: signer() }
    }

    /// Returns the service that the runtime calls.
    pub(crate) fn router(&self) -> Router {
        self.router.clone()
    }

    /// Returns a client without a token.
    pub(crate) fn anyone(&self) -> Client {
        Client::new(self.router.clone())
    }

    /// Returns a client with this person's access token.
    pub(crate) fn as_user(&self, person: &Person) -> Client {
        self.with_token(&person.token)
    }

    /// Returns a client with this access token.
    pub(crate) fn with_token(&self, token: &str) -> Client {
        self.anyone().header("authorization", &format!("Bearer {token}"))
    }

    /// Registers a person through the API, which takes the time of hashing a password. Returns the answer, too.
    pub(crate) async fn register(&self, name: &str) -> (Person, Value) {
        let email = format!("{name}@example.com");
        let body = json!({ "email": email, "password": PASSWORD, "name": name });
        let answer = self.anyone().post("/v1/auth/register", body).await.ok(201);
        (self.person_of(&answer).await, answer)
    }

    /// Begins another session of a person.
    pub(crate) async fn log_in(&self, person: &Person) -> (Person, Value) {
        let body = json!({ "email": person.email, "password": PASSWORD });
        let answer = self.anyone().post("/v1/auth/login", body).await.ok(200);
        (self.person_of(&answer).await, answer)
    }

    async fn person_of(&self, answer: &Value) -> Person {
        let id = uuid(&answer["user"]);
        let newest = "SELECT id FROM sessions WHERE user_id = $1 ORDER BY id DESC LIMIT 1";
        let session_id = sqlx::query_scalar(newest).bind(id).fetch_one(&self.db).await.unwrap();
        Person {
            id,
            email: text(&answer["user"]["email"]).into(),
            session_id,
            token: text(&answer["access_token"]).into(),
        }
    }

    pub(crate) async fn user(&self, name: &str) -> Person {
        self.person(name, Role::User).await
    }

    pub(crate) async fn manager(&self, name: &str) -> Person {
        self.person(name, Role::Manager).await
    }

    pub(crate) async fn admin(&self, name: &str) -> Person {
        self.person(name, Role::Admin).await
    }

    /// Creates a person with a role and a session directly in the database. Their password is [`PASSWORD`].
    pub(crate) async fn person(&self, name: &str, role: Role) -> Person {
        static HASH: OnceLock<String> = OnceLock::new();
        let password_hash = HASH.get_or_init(|| hash_password(PASSWORD).unwrap());
        let email = format!("{}@example.com", name.to_lowercase().replace(' ', "."));
        let mut tx = self.db.begin().await.unwrap();
        let new = NewUser { email: &email, name, password_hash, role, time_zone: "UTC" };
        let id = db::users::create(&mut tx, &new).await.unwrap().id;
        let session_id = db::sessions::create(&mut tx, id, "tests", "203.0.113.7").await.unwrap();
        tx.commit().await.unwrap();
        Person { id, email, session_id, token: self.signer.sign(id, session_id).unwrap() }
    }

    /// Ends the grace period of every refresh token that was used.
    pub(crate) async fn end_grace(&self) {
        self.sql("UPDATE refresh_tokens SET spent_at = spent_at - interval '1 minute' WHERE spent_at IS NOT NULL")
            .await;
    }

    /// Creates a project of `owner`, who must be a manager or an administrator, with these members.
    pub(crate) async fn project(&self, owner: &Person, key: &str, members: &[&Person]) -> Value {
        let new = json!({ "key": key, "name": format!("Project {key}") });
        let project = self.as_user(owner).post("/v1/projects", new).await.ok(201);
        for member in members {
            self.as_user(owner)
                .put(&format!("/v1/projects/{}/members/{}", id(&project), member.id), None)
                .await
                .ok(204);
        }
        project
    }

    /// Creates a task as `creator`.
    pub(crate) async fn task(&self, creator: &Person, new: Value) -> Value {
        self.as_user(creator).post("/v1/tasks", new).await.ok(201)
    }

    /// Returns one field of every row of a list, page by page; `path` ends in a query.
    pub(crate) async fn walk(&self, caller: &Person, path: &str, limit: usize, field: &str) -> Vec<String> {
        let (mut met, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = self.as_user(caller).get(&format!("{path}&limit={limit}{cursor}")).await.ok(200);
            met.extend(each(&page, field).into_iter().map(|value| text(value).to_owned()));
            match &page["next_cursor"] {
                Value::Null => return met,
                next => cursor = format!("&cursor={}", text(next)),
            }
            assert!(met.len() < 1_000, "pages without end: {met:?}");
        }
    }

    /// Counts the rows of a table with an optional condition: `outbox WHERE queue = 'emails'`.
    pub(crate) async fn count(&self, of: &str) -> i64 {
        self.one(&format!("SELECT count(*) FROM {of}")).await
    }

    /// Returns one value from the database.
    pub(crate) async fn one<T>(&self, sql: &str) -> T
    where
        T: Send + Unpin + sqlx::Type<sqlx::Postgres> + for<'r> sqlx::Decode<'r, sqlx::Postgres>,
    {
        sqlx::query_scalar(AssertSqlSafe(sql.to_owned())).fetch_one(&self.db).await.unwrap()
    }

    /// Runs a statement, for states that the API would need days to reach.
    pub(crate) async fn sql(&self, sql: &str) {
        sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(&self.db).await.unwrap();
    }

    /// Returns a digest of all stored data, to show that a refused request changed nothing. Login attempts are left
    /// out, because a refused login does store them.
    pub(crate) async fn fingerprint(&self) -> String {
        let tables: Vec<String> = sqlx::query_scalar(
            "SELECT tablename::text FROM pg_tables
             WHERE schemaname = 'public' AND tablename NOT IN ('attempts', '_sqlx_migrations') ORDER BY 1",
        )
        .fetch_all(&self.db)
        .await
        .unwrap();
        let parts = tables.iter().map(|t| format!("(SELECT string_agg(t::text, ';' ORDER BY t::text) FROM {t} t)"));
        self.one(&format!("SELECT md5(concat_ws('|', {}))", parts.collect::<Vec<_>>().join(", "))).await
    }
}

fn signer() -> Signer {
    Signer::new(SIGNING_KEY, KEY_ID.into(), ISSUER.into()).unwrap()
}

/// Runs the migrations of these versions.
pub(crate) async fn migrate(db: &PgPool, versions: std::ops::Range<i64>) {
    for migration in db::MIGRATOR.iter().filter(|migration| versions.contains(&migration.version)) {
        let mut tx = db.begin().await.unwrap();
        sqlx::raw_sql(migration.sql.clone()).execute(&mut *tx).await.unwrap();
        tx.commit().await.unwrap();
    }
}

/// Creates a one-time token, as in a mail that was ordered just now.
pub(crate) async fn one_time_token(app: &App, person: &Person, purpose: OneTimePurpose) -> String {
    let mut conn = app.db.acquire().await.unwrap();
    let token = one_time_tokens::create(&mut conn, person.id, purpose, chrono::Utc::now()).await.unwrap();
    token.unwrap().expose().to_owned()
}

/// Returns the `id` of a resource.
#[track_caller]
pub(crate) fn id(resource: &Value) -> &str {
    text(&resource["id"])
}

/// Returns the `id` of a resource, parsed.
#[track_caller]
pub(crate) fn uuid(resource: &Value) -> Uuid {
    id(resource).parse().unwrap()
}

/// Returns a JSON string.
#[track_caller]
pub(crate) fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("not a string: {value}"))
}

/// Returns one field of every item of a page.
#[track_caller]
pub(crate) fn each<'a>(page: &'a Value, field: &str) -> Vec<&'a Value> {
    page["items"].as_array().unwrap_or_else(|| panic!("not a page: {page}")).iter().map(|item| &item[field]).collect()
}

/// Returns the titles of a page of tasks.
#[track_caller]
pub(crate) fn titles(page: &Value) -> Vec<&str> {
    each(page, "title").into_iter().map(text).collect()
}

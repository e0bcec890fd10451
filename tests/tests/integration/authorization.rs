//! Who may call what: every operation of the document, with every kind of token and as every kind of caller.

use std::{collections::BTreeSet, time::Duration};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};
use shared::db::PgPool;
use taskbell_tests::endpoints::FUNCTIONS;
use uuid::Uuid;

use crate::support::{App, ISSUER, JWKS, KEY_ID, OTHER_KEY, Operation, People, Person, SIGNING_KEY, World, operations};

/// The status with which an operation that needs no token answers a valid request.
const OPEN: [(&str, u16); 13] = [
    ("register", 201),
    ("login", 401),
    ("refresh", 401),
    ("logout", 204),
    ("forgot-password", 202),
    ("reset-password", 422),
    ("verify-email", 422),
    ("get-jwks", 200),
    ("get-health", 200),
    ("get-openapi", 200),
    ("get-docs", 200),
    ("unsubscribe-page", 303),
    ("unsubscribe", 400),
];

/// The statuses with which all other operations answer these callers: a stranger, a manager from elsewhere, a viewer of
/// the project, a viewer with the account of a manager, a member, the creator, the assignee, a member with the account
/// of a manager, a manager of the project with the account of a user, its owner, an administrator. (`change-password`
/// gets a wrong password: 422 means that the caller may change it.)
const GUARDED: [(&str, [u16; 11]); 54] = [
    ("get-me", [200; 11]),
    ("update-me", [200; 11]),
    ("change-password", [422; 11]),
    ("list-sessions", [200; 11]),
    ("delete-session", [204; 11]),
    ("create-realtime-ticket", [201; 11]),
    ("list-notifications", [200; 11]),
    ("read-notifications", [200; 11]),
    ("update-notification", [404, 404, 404, 404, 404, 404, 404, 404, 404, 404, 200]),
    ("get-notification-preferences", [200; 11]),
    ("set-notification-preferences", [200; 11]),
    ("create-report", [422, 422, 202, 403, 202, 202, 202, 403, 202, 202, 202]),
    ("list-reports", [200; 11]),
    ("get-report", [404, 404, 404, 404, 404, 404, 404, 404, 404, 404, 200]),
    ("get-report-file", [404, 404, 404, 404, 404, 404, 404, 404, 404, 404, 409]),
    ("create-report-subscription", [422, 422, 403, 403, 403, 403, 403, 403, 201, 201, 201]),
    ("list-report-subscriptions", [200; 11]),
    ("delete-report-subscription", [404, 404, 404, 404, 404, 404, 404, 404, 404, 204, 404]),
    ("list-users", [200; 11]),
    ("get-user", [404, 200, 200, 200, 200, 200, 200, 200, 200, 200, 200]),
    ("update-user", [403, 403, 403, 403, 403, 403, 403, 403, 403, 403, 200]),
    ("create-project", [403, 201, 403, 201, 403, 403, 403, 201, 403, 201, 201]),
    ("list-projects", [200; 11]),
    ("get-project", SEES),
    ("update-project", [404, 404, 403, 403, 403, 403, 403, 403, 403, 200, 200]),
    ("delete-project", [404, 404, 403, 403, 403, 403, 403, 403, 403, 204, 204]),
    ("restore-project", [404, 404, 403, 403, 403, 403, 403, 403, 403, 200, 200]),
    ("list-changes", SEES),
    ("list-members", SEES),
    ("add-member", [404, 404, 403, 403, 403, 403, 403, 403, 204, 204, 204]),
    ("remove-member", [404, 404, 403, 403, 403, 403, 403, 403, 204, 204, 204]),
    ("watch-project", WATCHES),
    ("unwatch-project", WATCHES),
    ("create-task", [422, 422, 403, 403, 201, 201, 201, 201, 201, 201, 201]),
    ("list-tasks", [200; 11]),
    ("count-tasks", [200; 11]),
    ("list-labels", [200; 11]),
    ("rename-label", [404, 404, 403, 403, 403, 403, 403, 403, 200, 200, 200]),
    ("rank-task", [404, 404, 403, 403, 200, 200, 200, 200, 200, 200, 200]),
    ("get-task", SEES),
    ("update-task", EDITS),
    ("set-task-assignee", EDITS),
    ("set-task-status", EDITS),
    ("delete-task", [404, 404, 403, 403, 403, 204, 403, 204, 204, 204, 204]),
    ("restore-task", [404, 404, 403, 403, 403, 200, 403, 200, 200, 200, 200]),
    ("watch-task", WATCHES),
    ("unwatch-task", WATCHES),
    ("mute-task", WATCHES),
    ("unmute-task", WATCHES),
    ("list-activity", SEES),
    ("list-comments", SEES),
    ("create-comment", [404, 404, 201, 201, 201, 201, 201, 201, 201, 201, 201]),
    ("update-comment", [404, 404, 403, 403, 403, 200, 403, 403, 200, 200, 200]),
    ("delete-comment", [404, 404, 403, 403, 403, 204, 403, 204, 204, 204, 204]),
];
const SEES: [u16; 11] = [404, 404, 200, 200, 200, 200, 200, 200, 200, 200, 200];
const WATCHES: [u16; 11] = [404, 404, 204, 204, 204, 204, 204, 204, 204, 204, 204];
const EDITS: [u16; 11] = [404, 404, 403, 403, 403, 200, 200, 200, 200, 200, 200];

#[test]
fn every_operation_has_a_row_in_the_table() {
    let open = OPEN.iter().map(|(name, _)| ((*name).to_owned(), true));
    let guarded = GUARDED.iter().map(|(name, _)| ((*name).to_owned(), false));
    let expected: BTreeSet<_> = open.chain(guarded).collect();
    let found: BTreeSet<_> = operations().into_iter().map(|operation| (operation.name, operation.open)).collect();
    let (missing, gone): (Vec<_>, Vec<_>) =
        (found.difference(&expected).collect(), expected.difference(&found).collect());
    assert!(
        missing.is_empty() && gone.is_empty(),
        "(operation, is open) without a row: {missing:?}; of no operation: {gone:?}"
    );
}

#[test]
fn the_document_lists_403_exactly_where_the_table_does() {
    let forbidden = GUARDED.iter().filter(|(_, statuses)| statuses.contains(&403)).map(|(name, _)| *name);
    let document = operations().into_iter().filter(|operation| operation.statuses.contains(&403));
    assert_eq!(
        document.map(|operation| operation.name).collect::<BTreeSet<_>>(),
        forbidden.map(String::from).collect()
    );
}

/// Checks that the function has a queue for everything that its operation wrote to the outbox since a time. Otherwise
/// the relay sends it only a minute later.
async fn sends_only_what_it_says(app: &App, operation: &Operation, since: DateTime<Utc>) {
    let written = format!("SELECT array_agg(DISTINCT queue) FROM outbox WHERE created_at > '{since}'");
    let written: Option<Vec<String>> = app.one(&written).await;
    let function = FUNCTIONS.iter().filter(|(name, ..)| *name == operation.name);
    let says: Vec<String> =
        function.flat_map(|(.., function)| function.sends).map(|topic| format!("{topic:?}").to_lowercase()).collect();
    for queue in written.unwrap_or_default() {
        assert!(says.contains(&queue), "{}: FUNCTION does not say that it sends to {queue}", operation.name);
    }
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn every_caller_gets_the_status_of_the_table(db: PgPool) {
    let app = App::new(&db);
    let people = People::new(&app).await;
    for operation in operations().iter().filter(|operation| !operation.open) {
        let (_, expected) = GUARDED.iter().find(|(name, _)| *name == operation.name).expect("it has its row");
        for (caller, status) in people.each().into_iter().zip(expected) {
            let world = World::new(&app, &people, caller).await;
            world.prepare(&app, operation).await;
            let before = app.fingerprint().await;
            let now = app.one("SELECT clock_timestamp()").await;
            let reply =
                app.as_user(caller).send(&operation.method, &world.path(operation), world.body(operation)).await;
            assert_eq!(reply.status, *status, "{} as {}: {reply}", operation.name, caller.email);
            sends_only_what_it_says(&app, operation, now).await;
            if reply.status >= 400 {
                assert_eq!(app.fingerprint().await, before, "{} as {}", operation.name, caller.email);
            }
        }
    }
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn open_operations_work_with_any_token_or_none(db: PgPool) {
    let app = App::new(&db);
    let people = People::new(&app).await;
    for operation in operations().iter().filter(|operation| operation.open) {
        let (_, status) = OPEN.iter().find(|(name, _)| *name == operation.name).expect("it has its row");
        for client in [app.anyone(), app.with_token("garbage"), app.as_user(&people.stranger)] {
            let world = World::new(&app, &people, &people.stranger).await;
            let now = app.one("SELECT clock_timestamp()").await;
            let reply = client.send(&operation.method, &world.path(operation), world.body(operation)).await;
            assert_eq!(reply.status, *status, "{}: {reply}", operation.name);
            sends_only_what_it_says(&app, operation, now).await;
        }
    }
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn guarded_operations_refuse_invalid_tokens(db: PgPool) {
    let app = App::new(&db);
    let people = People::new(&app).await;
    let world = World::new(&app, &people, &people.admin).await;
    let tokens = bad_tokens(&app, &people.admin).await;
    // A valid token that was seen before does not make similar ones valid.
    app.as_user(&people.admin).get("/v1/users/me").await.ok(200);
    let before = app.fingerprint().await;
    for operation in operations().iter().filter(|operation| !operation.open) {
        for (what, authorization) in &tokens {
            let cookie = authorization.as_deref().and_then(|value| value.strip_prefix("Bearer "));
            let browser = app.anyone().header("taskbell-session", "cookie");
            let clients = [
                authorization
                    .as_ref()
                    .map_or_else(|| app.anyone(), |value| app.anyone().header("authorization", value)),
                cookie
                    .map_or(browser.clone(), |token| browser.header("cookie", &format!("__Host-Http-access={token}"))),
            ];
            for client in clients {
                let reply = client.send(&operation.method, &world.path(operation), world.body(operation)).await;
                assert_eq!(reply.status, 401, "{} with {what}: {reply}", operation.name);
                assert_eq!(reply.header("www-authenticate"), "Bearer");
            }
        }
    }
    assert_eq!(app.fingerprint().await, before);
    // The token from which the invalid ones are derived is valid.
    app.with_token(&signed(SIGNING_KEY, Some(KEY_ID), &claims(&people.admin))).get("/v1/users/me").await.ok(200);
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn an_access_token_is_refused_after_it_expires(db: PgPool) {
    let app = App::new(&db);
    let mut claims = claims(&app.user("ada").await);
    let now = || chrono::Utc::now().timestamp();
    // If the machine is too slow to use a token twice within two seconds, try one that is valid for longer.
    for seconds in (1..).map(|times| 2_i64.pow(times)) {
        let end = now() + seconds;
        claims["exp"] = json!(end);
        let client = app.with_token(&signed(SIGNING_KEY, Some(KEY_ID), &claims));
        let before = [client.get("/v1/users/me").await, client.get("/v1/users/me").await];
        let in_time = now() < end;
        while now() < end {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        assert_eq!(client.get("/v1/users/me").await.status, 401);
        if in_time {
            return before.into_iter().for_each(|reply| _ = reply.ok(200));
        }
    }
}

fn claims(person: &Person) -> Value {
    let now = chrono::Utc::now().timestamp();
    json!({ "iss": ISSUER, "aud": "taskbell", "sub": person.id, "sid": person.session_id, "iat": now, "exp": now + 900 })
}

fn signed(pem: &str, key_id: Option<&str>, claims: &Value) -> String {
    let header = Header { kid: key_id.map(str::to_owned), ..Header::new(Algorithm::EdDSA) };
    jsonwebtoken::encode(&header, claims, &EncodingKey::from_ed_pem(pem.as_bytes()).unwrap()).unwrap()
}

/// A token without a signature, whose header says that none is needed.
fn unsigned(header: &Value, claims: &Value) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}.", part(header), part(claims))
}

/// A token signed with the public key as a secret.
fn with_public_key_as_secret(claims: &Value) -> String {
    let keys: Value = serde_json::from_str(JWKS).unwrap();
    let secret = URL_SAFE_NO_PAD.decode(keys["keys"][0]["x"].as_str().unwrap()).unwrap();
    let header = Header { kid: Some(KEY_ID.into()), ..Header::new(Algorithm::HS256) };
    jsonwebtoken::encode(&header, claims, &EncodingKey::from_secret(&secret)).unwrap()
}

/// Invalid values of the `Authorization` header, each with a description.
async fn bad_tokens(app: &App, admin: &Person) -> Vec<(&'static str, Option<String>)> {
    let good = claims(admin);
    let changed = |field: &str, value: Value| {
        let mut claims = good.clone();
        match value {
            Value::Null => drop(claims.as_object_mut().unwrap().remove(field)),
            value => claims[field] = value,
        }
        signed(SIGNING_KEY, Some(KEY_ID), &claims)
    };
    let (revoked, _) = app.log_in(admin).await;
    let (_, answer) = app.log_in(admin).await;
    app.anyone().post("/v1/auth/logout", json!({ "refresh_token": answer["refresh_token"] })).await.ok(204);
    app.sql(&format!("UPDATE sessions SET revoked_at = now() WHERE id = '{}'", revoked.session_id)).await;
    let inactive = app.admin("inactive").await;
    app.sql(&format!("UPDATE users SET active = false WHERE id = '{}'", inactive.id)).await;
    let other = app.user("other").await;

    let now = chrono::Utc::now().timestamp();
    let (head, tail) = admin.token.rsplit_once('.').unwrap();
    let forged = {
        let mut parts: Vec<_> = admin.token.split('.').map(str::to_owned).collect();
        parts[1] = URL_SAFE_NO_PAD.encode(claims(&other).to_string());
        parts.join(".")
    };
    let bearer = [
        ("an empty token", String::new()),
        ("garbage", "garbage".into()),
        ("three parts of garbage", "a.b.c".into()),
        ("a refresh token", answer["refresh_token"].as_str().unwrap().into()),
        ("alg none", unsigned(&json!({ "alg": "none", "typ": "JWT", "kid": KEY_ID }), &good)),
        ("alg EdDSA without a signature", format!("{head}.")),
        ("a signature cut short", format!("{head}.{}", &tail[..tail.len() - 4])),
        ("other claims under a good signature", forged),
        ("the public key as a secret", with_public_key_as_secret(&good)),
        ("another key", signed(OTHER_KEY, Some(KEY_ID), &good)),
        ("another key's id", signed(SIGNING_KEY, Some("other"), &good)),
        ("no key's id", signed(SIGNING_KEY, None, &good)),
        ("another issuer", changed("iss", json!("https://evil.example.com"))),
        ("no issuer", changed("iss", Value::Null)),
        ("another audience", changed("aud", json!("other"))),
        ("no audience", changed("aud", Value::Null)),
        ("a time that is over", changed("exp", json!(now - 1))),
        ("no end", changed("exp", Value::Null)),
        ("another person's session", changed("sid", json!(other.session_id))),
        ("a session that never was", changed("sid", json!(Uuid::now_v7()))),
        ("a person who never was", changed("sub", json!(Uuid::now_v7()))),
        ("a revoked session", revoked.token),
        ("a session that was logged out", answer["access_token"].as_str().unwrap().into()),
        ("a deactivated account", inactive.token),
    ];
    let others = [
        ("nothing", None),
        ("a token without a scheme", Some(admin.token.clone())),
        ("another scheme", Some(format!("Basic {}", admin.token))),
        ("two tokens", Some(format!("Bearer {0} {0}", admin.token))),
    ];
    others.into_iter().chain(bearer.map(|(what, token)| (what, Some(format!("Bearer {token}"))))).collect()
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn lists_hide_projects_that_the_caller_does_not_belong_to(db: PgPool) {
    let app = App::new(&db);
    let people = People::new(&app).await;
    let world = World::new(&app, &people, &people.stranger).await;
    let project = format!("/v1/tasks?project_id={}", world.project);
    let assignee = format!("/v1/tasks?assignee_id={}", people.assignee.id);
    let creator = format!("/v1/tasks?created_by={}", people.creator.id);
    let lists = [
        "/v1/tasks",
        "/v1/tasks?q=task",
        "/v1/tasks?assignee_id=none,me",
        &project,
        &assignee,
        &creator,
        "/v1/projects",
    ];
    let mentions = async |caller: &Person, list: &str| {
        let page = app.as_user(caller).get(list).await.ok(200).to_string();
        [world.project, world.task, world.other].iter().any(|id| page.contains(&id.to_string()))
    };
    for list in lists {
        for caller in [&people.stranger, &people.outsider] {
            assert!(!mentions(caller, list).await, "{list}");
        }
        let shown = list != "/v1/tasks?assignee_id=none,me";
        assert_eq!(mentions(&people.member, list).await, shown, "{list}");
    }
    assert!(!mentions(&people.stranger, "/v1/users").await);
    assert!(mentions(&people.outsider, "/v1/users").await, "managers see everyone, to add them");
}

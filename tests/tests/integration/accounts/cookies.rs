//! Sessions of browsers, whose tokens are cookies.

use std::time::Duration;

use axum::http::header;
use lambda_http::{Adapter, Context, LambdaEvent, request::LambdaRequest};
use serde_json::{Value, json};
use shared::{auth::RefreshKey, db::PgPool};
use taskbell_http::SessionCookies;
use tower::ServiceExt;

use crate::support::{App, Client, PASSWORD, Person, Reply, text};

const ACCESS: &str = "__Host-Http-access";
const REFRESH: &str = "__Host-Http-refresh";

/// Returns a client that asks for cookies, and sends these.
fn browser(app: &App, cookies: &str) -> Client {
    let client = app.anyone().header("taskbell-session", "cookie");
    if cookies.is_empty() { client } else { client.header("cookie", cookies) }
}

/// Returns the cookies that a response sets, as a request sends them. A cookie without a value is left out.
fn cookies(reply: &Reply) -> String {
    let set = reply.headers.get_all(header::SET_COOKIE).iter().map(|value| value.to_str().unwrap());
    let pairs = set.map(|cookie| cookie.split(';').next().unwrap()).filter(|pair| !pair.ends_with('='));
    pairs.collect::<Vec<_>>().join("; ")
}

/// Returns the value of a cookie that a response sets.
fn cookie(reply: &Reply, name: &str) -> Option<String> {
    let cookies = cookies(reply);
    cookies.split("; ").find_map(|pair| pair.strip_prefix(name)?.strip_prefix('=')).map(str::to_owned)
}

async fn log_in(app: &App, person: &Person) -> Reply {
    let reply = browser(app, "").post("/v1/auth/login", json!({ "email": person.email, "password": PASSWORD })).await;
    assert_eq!(reply.status, 200, "{reply}");
    reply
}

async fn refresh(app: &App, cookies: &str) -> Reply {
    browser(app, cookies).post("/v1/auth/refresh", None).await
}

async fn is_in(app: &App, cookies: &str) -> bool {
    browser(app, cookies).get("/v1/users/me").await.status == 200
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn cookies_replace_the_tokens_in_the_body(db: PgPool) {
    let app = App::new(&db);
    let new = json!({ "email": "ann@example.com", "password": PASSWORD, "name": "Ann" });
    let registered = browser(&app, "").post("/v1/auth/register", new).await;
    assert_eq!(registered.status, 201, "{registered}");
    let logged_in =
        browser(&app, "").post("/v1/auth/login", json!({ "email": "ann@example.com", "password": PASSWORD })).await;
    let refreshed = refresh(&app, &cookies(&logged_in)).await;
    for reply in [registered, logged_in, refreshed] {
        let mut members: Vec<_> = reply.body.as_object().unwrap().keys().cloned().collect();
        members.sort_unstable();
        assert_eq!(members, ["expires_in", "user"], "{reply}");
        let set: Vec<_> = reply.headers.get_all(header::SET_COOKIE).iter().map(|one| one.to_str().unwrap()).collect();
        assert_eq!(set.len(), 2, "{reply}");
        for (cookie, name, seconds) in [(set[0], ACCESS, 900), (set[1], REFRESH, 30 * 24 * 3600)] {
            assert!(cookie.starts_with(&format!("{name}=")), "{cookie}");
            let attributes = format!("; HttpOnly; SameSite=Strict; Secure; Path=/; Max-Age={seconds}");
            assert!(cookie.ends_with(&attributes), "{cookie}");
        }
        assert!(is_in(&app, &cookies(&reply)).await, "{reply}");
    }
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn a_cookie_counts_only_with_the_header_and_without_authorization(db: PgPool) {
    let app = App::new(&db);
    let (ann, bob) = (app.user("Ann").await, app.user("Bob").await);
    let cookies = cookies(&log_in(&app, &ann).await);
    let me = async |client: Client| client.get("/v1/users/me").await;

    assert_eq!(me(browser(&app, &cookies)).await.ok(200)["id"], json!(ann.id));
    me(app.anyone().header("cookie", &cookies)).await.ok(401);
    for value in ["", "Cookie", "bearer", "cookie, cookie"] {
        me(app.anyone().header("cookie", &cookies).header("taskbell-session", value)).await.ok(401);
    }
    let with = |authorization: &str| browser(&app, &cookies).header("authorization", authorization);
    assert_eq!(me(with(&format!("Bearer {}", bob.token))).await.ok(200)["id"], json!(bob.id));
    me(with("Bearer garbage")).await.ok(401);
    me(with("Basic YW5uOmFubg==")).await.ok(401);
    // The name is compared as a whole, and each cookie has its own purpose.
    me(browser(&app, &cookies.replace("__Host-Http-", ""))).await.ok(401);
    me(browser(&app, &cookies.replace(ACCESS, "other").replace(REFRESH, ACCESS))).await.ok(401);
    app.anyone().header("cookie", &cookies).post("/v1/auth/refresh", None).await.ok(415);
}

/// Calls the API as the runtime does, with an event of the payload format 2.0, and returns what the gateway gets
/// (<https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html>).
async fn invoke(app: &App, method: &str, path: &str, fields: Value) -> Value {
    let mut event = json!({
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": "",
        "headers": { "taskbell-session": "cookie", "host": "api.example.com" },
        "requestContext": {
            "accountId": "000000000000", "apiId": "api", "domainName": "api.example.com", "domainPrefix": "api",
            "requestId": "request", "routeKey": "$default", "stage": "$default",
            "time": "27/Nov/2026:12:00:00 +0000", "timeEpoch": 1_795_780_800_000_i64,
            "http": { "method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "203.0.113.7", "userAgent": "" },
        },
        "isBase64Encoded": false,
    });
    for (name, value) in fields.as_object().unwrap() {
        match (&mut event[name], value) {
            (Value::Object(old), Value::Object(new)) => old.extend(new.clone()),
            (old, new) => *old = new.clone(),
        }
    }
    let request: LambdaRequest = serde_json::from_value(event).unwrap();
    let response = Adapter::from(app.router()).oneshot(LambdaEvent::new(request, Context::default())).await.unwrap();
    serde_json::to_value(response).unwrap()
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn events_of_both_gateways_carry_cookies(db: PgPool) {
    let app = App::new(&db);
    let ann = app.user("Ann").await;
    let body = json!({ "email": ann.email, "password": PASSWORD }).to_string();
    let login = json!({ "body": body, "headers": { "content-type": "application/json" } });
    let answer = invoke(&app, "POST", "/v1/auth/login", login).await;
    assert_eq!(answer["statusCode"], 200, "{answer}");
    let set: Vec<_> = answer["cookies"].as_array().unwrap().iter().map(|cookie| text(cookie)).collect();
    assert!(set[0].starts_with(ACCESS) && set[1].starts_with(REFRESH), "{set:?}");
    assert_eq!(answer["headers"].get("set-cookie"), None);

    let pairs: Vec<_> = set.iter().map(|cookie| cookie.split(';').next().unwrap()).collect();
    let aws = json!({ "cookies": pairs });
    let ministack = json!({ "headers": { "cookie": pairs.join("; ") } });
    for cookies in [aws, ministack] {
        let me = invoke(&app, "GET", "/v1/users/me", cookies.clone()).await;
        assert_eq!(me["statusCode"], 200, "{cookies}: {me}");
        let refreshed = invoke(&app, "POST", "/v1/auth/refresh", cookies.clone()).await;
        assert_eq!(refreshed["statusCode"], 200, "{cookies}: {refreshed}");
        assert_eq!(refreshed["cookies"].as_array().unwrap().len(), 2, "{cookies}: {refreshed}");
    }
    assert_eq!(invoke(&app, "GET", "/v1/users/me", json!({})).await["statusCode"], 401);
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn logout_ends_the_session_and_removes_the_cookies(db: PgPool) {
    let app = App::new(&db);
    let session = cookies(&log_in(&app, &app.user("Ann").await).await);
    let reply = browser(&app, &session).post("/v1/auth/logout", None).await;
    assert_eq!((reply.status, reply.header("clear-site-data")), (204, "\"cache\""), "{reply}");
    let removed: Vec<_> = reply.headers.get_all(header::SET_COOKIE).iter().map(|one| one.to_str().unwrap()).collect();
    assert!(removed.len() == 2 && removed.iter().all(|cookie| cookie.ends_with("; Max-Age=0")), "{removed:?}");
    assert!(!is_in(&app, &session).await);
    refresh(&app, &session).await.ok(401);
    browser(&app, "").post("/v1/auth/logout", None).await.ok(204);
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn refresh_and_logout_with_cookies_take_no_body(db: PgPool) {
    let app = App::new(&db);
    let session = cookies(&log_in(&app, &app.user("Ann").await).await);
    for path in ["/v1/auth/refresh", "/v1/auth/logout"] {
        browser(&app, &session).post(path, json!({ "refresh_token": "token" })).await.wrong(&[""]);
    }
    assert!(is_in(&app, &session).await);
    refresh(&app, "").await.ok(401);
    refresh(&app, "other=1").await.ok(401);
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn two_tabs_that_refresh_at_once_keep_the_session(db: PgPool) {
    let app = App::new(&db);
    let session = cookies(&log_in(&app, &app.user("Ann").await).await);
    let (one, other) = tokio::join!(refresh(&app, &session), refresh(&app, &session));
    let next = cookie(&one, REFRESH).unwrap();
    assert_eq!(cookie(&other, REFRESH).unwrap(), next);
    // A third tab is late: the next token was used meanwhile, so its cookie stays.
    refresh(&app, &cookies(&one)).await.ok(200);
    let late = refresh(&app, &session).await;
    assert_eq!(late.status, 200, "{late}");
    assert_eq!(cookie(&late, REFRESH), None);
    assert!(is_in(&app, &cookies(&late)).await);
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn a_token_used_again_within_the_grace_period_has_the_same_successor(db: PgPool) {
    let app = App::new(&db);
    let (ann, first) = app.log_in(&app.user("Ann").await).await;
    let refresh = async |answer: &Value| {
        app.anyone().post("/v1/auth/refresh", json!({ "refresh_token": answer["refresh_token"] })).await
    };
    let second = refresh(&first).await.ok(200);
    let again = refresh(&first).await.ok(200);
    assert_eq!(again["refresh_token"], second["refresh_token"]);
    assert_eq!(app.count("refresh_tokens").await, 2, "a repetition adds no token");
    let third = refresh(&again).await.ok(200);
    let late = refresh(&first).await.ok(200);
    assert_eq!(late["refresh_token"], Value::Null, "the next token was used");
    assert_eq!(late["token_type"], "Bearer");
    app.with_token(text(&late["access_token"])).get("/v1/users/me").await.ok(200);

    app.end_grace().await;
    let fourth = refresh(&third).await.ok(200);
    refresh(&first).await.ok(401);
    refresh(&fourth).await.ok(401);
    app.as_user(&ann).get("/v1/users/me").await.ok(401);
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn a_new_key_ends_grace_periods_and_no_session(db: PgPool) {
    let app = App::new(&db);
    let (ann, first) = app.log_in(&app.user("Ann").await).await;
    let token = |answer: &Value| json!({ "refresh_token": answer["refresh_token"] });
    let second = app.anyone().post("/v1/auth/refresh", token(&first)).await.ok(200);
    let new = App::with(&db, |parts| parts.refresh = Some(RefreshKey::new("a new key of the service").unwrap()));
    new.anyone().post("/v1/auth/refresh", token(&first)).await.ok(401);
    new.as_user(&ann).get("/v1/users/me").await.ok(200);
    new.anyone().post("/v1/auth/refresh", token(&second)).await.ok(200);
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn without_a_grace_period_a_second_use_ends_the_session(db: PgPool) {
    let app = App::with(&db, |parts| parts.settings.refresh_grace = Duration::ZERO);
    let session = cookies(&log_in(&app, &app.user("Ann").await).await);
    refresh(&app, &session).await.ok(200);
    refresh(&app, &session).await.ok(401);
    assert!(!is_in(&app, &session).await);
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn a_local_system_has_its_port_in_the_names(db: PgPool) {
    let app = App::with(&db, |parts| parts.settings.cookies = SessionCookies::new("http://localhost:4566/api"));
    let reply = log_in(&app, &app.user("Ann").await).await;
    assert!(cookie(&reply, "access-4566").is_some() && cookie(&reply, "refresh-4566").is_some(), "{reply}");
    assert!(is_in(&app, &cookies(&reply)).await);
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn cookies_are_off_where_they_would_be_sent_in_plain_text(db: PgPool) {
    let app = App::with(&db, |parts| parts.settings.cookies = SessionCookies::new("http://tasks.example.com"));
    let ann = app.user("Ann").await;
    let credentials = json!({ "email": ann.email, "password": PASSWORD });
    browser(&app, "").post("/v1/auth/login", credentials).await.ok(400);
    refresh(&app, &format!("{REFRESH}=token")).await.ok(400);
    assert!(!is_in(&app, &format!("{ACCESS}={}", ann.token)).await);
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn the_address_of_the_viewer_is_believed_with_the_origins_secret_only(db: PgPool) {
    let app = App::with(&db, |parts| parts.settings.origin_secret = Some("secret of the origin".into()));
    let ann = app.user("Ann").await;
    let newest = "SELECT ip_address FROM sessions ORDER BY id DESC LIMIT 1";
    for (secret, viewer, expected) in [
        ("secret of the origin", "198.51.100.9:4711", "198.51.100.9"),
        ("secret of the origin", "2001:db8::7:4711", "2001:db8::7"),
        ("secret of the origin", "", "203.0.113.7"),
        ("another secret", "198.51.100.9:4711", "203.0.113.7"),
        ("", "198.51.100.9:4711", "203.0.113.7"),
    ] {
        let client = app.anyone().header("cloudfront-viewer-address", viewer).header("taskbell-origin-secret", secret);
        client.post("/v1/auth/login", json!({ "email": ann.email, "password": PASSWORD })).await.ok(200);
        assert_eq!(app.one::<String>(newest).await, expected, "{secret} {viewer}");
    }
    let app = App::new(&db);
    let client =
        app.anyone().header("cloudfront-viewer-address", "198.51.100.9:1").header("taskbell-origin-secret", "");
    client.post("/v1/auth/login", json!({ "email": ann.email, "password": PASSWORD })).await.ok(200);
    assert_eq!(app.one::<String>(newest).await, "203.0.113.7", "without a configured secret");
}

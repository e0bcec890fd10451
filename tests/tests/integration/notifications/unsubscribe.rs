//! The unsubscribe links in mails.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use reqwest::Url;
use serde_json::{Value, json};
use shared::{
    auth::UnsubscribeKey,
    db::PgPool,
    domain::{notification_kind::NotificationKind, preferences::Preferences},
};
use uuid::Uuid;

use crate::support::{App, ISSUER, Person, Reply, UNSUBSCRIBE_KEY};

const FORM: Option<&str> = Some("application/x-www-form-urlencoded");
const ONE_CLICK: &str = "List-Unsubscribe=One-Click";
const KINDS: [NotificationKind; 2] = [NotificationKind::Mentioned, NotificationKind::TaskCommented];

/// Returns the link in a mail of these kinds.
fn link(user_id: Uuid, kinds: &[NotificationKind]) -> String {
    format!("/v1/unsubscribe?token={}", UnsubscribeKey::new(UNSUBSCRIBE_KEY).sign(user_id, kinds).unwrap())
}

/// Returns a valid token except for one of its claims.
fn odd_token(claim: &str, value: Value) -> String {
    let mut claims = json!({ "sub": Uuid::now_v7(), "kinds": KINDS, "aud": "unsubscribe" });
    claims[claim] = value;
    let key = EncodingKey::from_secret(UNSUBSCRIBE_KEY.as_bytes());
    jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &key).unwrap()
}

async fn press(app: &App, link: &str, form: &str) -> Reply {
    app.anyone().send_raw("POST", link, FORM, form).await
}

/// Checks that a link leads to the page of the client, with its token.
#[track_caller]
fn leads_to_the_page(reply: &Reply, token: &str) {
    assert_eq!((reply.status, &reply.body), (303, &Value::Null), "{reply}");
    assert_eq!(reply.header("cache-control"), "no-store", "{reply}");
    let page = Url::parse(reply.header("location")).unwrap();
    assert_eq!(page.as_str().split('?').next(), Some(&*format!("{ISSUER}/unsubscribe")));
    assert_eq!(page.query_pairs().collect::<Vec<_>>(), [("token".into(), token.into())]);
}

/// Returns the answer to an unsubscription from these kinds.
fn done(kinds: &[NotificationKind]) -> Value {
    json!({ "kinds": kinds, "summary": false })
}

async fn preferences(app: &App, person: &Person) -> Value {
    app.as_user(person).get("/v1/notification-preferences").await.ok(200)
}

/// Returns the default preferences without mails of these kinds.
fn without(kinds: &[NotificationKind]) -> Value {
    let mut preferences = json!(Preferences::default());
    for kind in kinds {
        preferences["kinds"][kind.as_str()]["email"] = json!("off");
    }
    preferences
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn opening_the_unsubscribe_link_leads_to_the_client_and_changes_nothing(db: PgPool) {
    let app = App::new(&db);
    let ann = app.user("Ann").await;
    let before = app.fingerprint().await;
    for kinds in [&KINDS, NotificationKind::ALL] {
        let link = link(ann.id, kinds);
        let (_, token) = link.split_once('=').unwrap();
        leads_to_the_page(&app.anyone().get(&link).await, token);
        let tracked = format!("{link}&utm_source=mail&utm_source=again&fbclid=1");
        leads_to_the_page(&app.anyone().get(&tracked).await, token);
        leads_to_the_page(&app.as_user(&ann).get(&link).await, token);
    }
    // Whatever the token is, it stays one parameter of the same page.
    for (given, token) in [
        ("?token=a%26b%3D%23%2F..%2F%0D%0ASet-Cookie%3A%20x%C3%A9", "a&b=#/../\r\nSet-Cookie: xé"),
        ("?token=%3Cscript%3Ealert(1)%3C/script%3E", "<script>alert(1)</script>"),
        ("?token=//example.org", "//example.org"),
        ("?token=", ""),
        ("", ""),
    ] {
        leads_to_the_page(&app.anyone().get(&format!("/v1/unsubscribe{given}")).await, token);
    }
    app.anyone().get("/v1/unsubscribe?token=a&token=b").await.ok(400);
    assert_eq!(app.fingerprint().await, before);
}

/// The page of the client shows what the link is about before anything is sent.
#[test]
fn a_page_can_read_what_a_token_is_about() {
    let key = UnsubscribeKey::new(UNSUBSCRIBE_KEY);
    let read = |token: String| -> Value {
        let payload = token.split('.').nth(1).unwrap();
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap()
    };
    let kinds = read(key.sign(Uuid::now_v7(), &KINDS).unwrap());
    assert_eq!((&kinds["kinds"], &kinds["summary"]), (&json!(["mentioned", "task_commented"]), &json!(false)));
    let summary = read(key.sign_summary(Uuid::now_v7()).unwrap());
    assert_eq!((&summary["kinds"], &summary["summary"]), (&json!([]), &json!(true)));
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn one_click_ends_mails_of_the_kinds_in_the_link_only(db: PgPool) {
    let app = App::new(&db);
    let (ann, bob) = (app.user("Ann").await, app.user("Bob").await);
    assert_eq!(press(&app, &link(ann.id, &KINDS), ONE_CLICK).await.ok(200), done(&KINDS));
    assert_eq!(preferences(&app, &ann).await, without(&KINDS));
    assert_eq!(preferences(&app, &bob).await, json!(Preferences::default()));
    // Repeated requests, also in the form that mail programs and trackers send them, have the same effect.
    let before = app.fingerprint().await;
    let tracked = format!("{}&utm_source=mail", link(ann.id, &KINDS));
    press(&app, &tracked, ONE_CLICK).await.ok(200);
    app.anyone().post(&link(ann.id, &KINDS), None).await.ok(200);
    // A browser's `fetch` with a `URLSearchParams` as its body, with a session or without.
    let fetch = Some("application/x-www-form-urlencoded;charset=UTF-8");
    let page = app.as_user(&bob).header("taskbell-session", "cookie").header("origin", ISSUER);
    let reply = page.send_raw("POST", &link(ann.id, &KINDS), fetch, ONE_CLICK).await;
    assert_eq!((reply.header("content-type"), reply.status), ("application/json", 200));
    assert_eq!(reply.ok(200), done(&KINDS));
    let multipart = "--x\r\nContent-Disposition: form-data; name=\"List-Unsubscribe\"\r\n\r\nOne-Click\r\n--x--\r\n";
    let reply = app.anyone().send_raw("POST", &tracked, Some("multipart/form-data; boundary=x"), multipart).await;
    reply.ok(200);
    assert_eq!(app.fingerprint().await, before);
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn unsubscribing_keeps_all_other_preferences(db: PgPool) {
    let app = App::new(&db);
    let ann = app.user("Ann").await;
    let mut chosen = json!({
        "kinds": {
            "mentioned": { "push": false, "email": "daily" },
            "task_deleted": { "push": false, "email": "daily" },
        },
        "quiet_hours": { "from": "20:00", "to": "08:00" }, "daily_summary_at": null, "reminder_offsets": ["PT5M"],
    });
    let at = "/v1/notification-preferences";
    chosen = app.as_user(&ann).put(at, chosen).await.ok(200);
    press(&app, &link(ann.id, &[NotificationKind::Mentioned]), ONE_CLICK).await.ok(200);
    chosen["kinds"]["mentioned"]["email"] = json!("off");
    let now = app.as_user(&ann).get(at).await;
    assert_eq!(now.etag(), "\"2\"", "who edits them at this moment is told so");
    assert_eq!(now.ok(200), chosen);
    // An old link keeps working, and users may turn mails on again.
    chosen["kinds"]["mentioned"]["email"] = json!("immediate");
    app.as_user(&ann).put(at, chosen.clone()).await.ok(200);
    press(&app, &link(ann.id, &[NotificationKind::Mentioned]), ONE_CLICK).await.ok(200);
    assert_eq!(app.as_user(&ann).get(at).await.ok(200)["kinds"]["mentioned"]["email"], "off");
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn unsubscribing_from_all_ends_mails_of_every_kind(db: PgPool) {
    let app = App::new(&db);
    let ann = app.user("Ann").await;
    for form in ["all=false", "all=", "all=truely", "small=true", "all=true=true", ""] {
        assert_eq!(press(&app, &link(ann.id, &KINDS), form).await.ok(200), done(&KINDS));
        assert_eq!(preferences(&app, &ann).await, without(&KINDS), "{form}");
    }
    let all = press(&app, &link(ann.id, &KINDS), "List-Unsubscribe=One-Click&all=true").await.ok(200);
    assert_eq!(all, json!({ "kinds": NotificationKind::ALL, "summary": true }));
    let mut none = without(NotificationKind::ALL);
    none["daily_summary_at"] = json!(null);
    assert_eq!(preferences(&app, &ann).await, none);
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn the_link_of_a_summary_ends_the_summary_only(db: PgPool) {
    let app = App::new(&db);
    let ann = app.user("Ann").await;
    let token = UnsubscribeKey::new(UNSUBSCRIBE_KEY).sign_summary(ann.id).unwrap();
    let reply = press(&app, &format!("/v1/unsubscribe?token={token}"), ONE_CLICK).await;
    assert_eq!(reply.ok(200), json!({ "kinds": [], "summary": true }));
    let mut without_summary = without(&[]);
    without_summary["daily_summary_at"] = json!(null);
    assert_eq!(preferences(&app, &ann).await, without_summary);
    assert_eq!(app.count("summaries").await, 0);
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn an_invalid_unsubscribe_link_changes_nothing(db: PgPool) {
    let app = App::new(&db);
    let ann = app.user("Ann").await;
    let good = link(ann.id, &KINDS).split_once('=').unwrap().1.to_owned();
    let all = link(ann.id, NotificationKind::ALL).split_once('=').unwrap().1.to_owned();
    let [parts, parts_of_all] = [&good, &all].map(|token| token.split('.').collect::<Vec<_>>());
    let others = UnsubscribeKey::new("another key of the tests, as long").sign(ann.id, &KINDS).unwrap();
    let before = app.fingerprint().await;
    let forged = [
        String::new(),
        "token".into(),
        "%3Cscript%3Ealert(1)%3C/script%3E".into(),
        others,
        good[..good.len() - 1].into(),
        format!("{}.{}.{}", parts[0], parts_of_all[1], parts[2]),
        format!("eyJhbGciOiJub25lIn0.{}.", parts[1]),
        ann.token.clone(),
        odd_token("aud", json!("taskbell")),
        odd_token("aud", json!(null)),
        odd_token("kinds", json!(["task_exploded"])),
        odd_token("kinds", json!(null)),
        odd_token("sub", json!("ann@example.com")),
    ];
    for token in forged {
        let link = format!("/v1/unsubscribe?token={token}");
        for reply in [
            press(&app, &link, ONE_CLICK).await,
            press(&app, &link, "all=true").await,
            app.as_user(&ann).post(&link, None).await,
        ] {
            assert_eq!(reply.ok(400)["code"], "invalid_parameter");
        }
    }
    assert_eq!(app.anyone().post("/v1/unsubscribe", None).await.ok(400)["code"], "invalid_parameter");
    assert_eq!(app.fingerprint().await, before);
    press(&app, &format!("/v1/unsubscribe?token={}", odd_token("kinds", json!(KINDS))), ONE_CLICK).await.ok(200);
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn unsubscribing_works_for_unknown_and_inactive_users(db: PgPool) {
    let app = App::new(&db);
    let before = app.fingerprint().await;
    let unknown = link(Uuid::now_v7(), &KINDS);
    for form in [ONE_CLICK, "all=true"] {
        press(&app, &unknown, form).await.ok(200);
    }
    assert_eq!(app.fingerprint().await, before);
    let bob = app.user("Bob").await;
    app.sql("UPDATE users SET active = false").await;
    press(&app, &link(bob.id, &KINDS), ONE_CLICK).await.ok(200);
    assert_eq!(app.count("notification_preferences").await, 1, "who comes back keeps what they chose");
}

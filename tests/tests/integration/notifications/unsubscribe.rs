//! The unsubscribe links in mails.

use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};
use shared::{
    auth::UnsubscribeKey,
    db::PgPool,
    domain::{notification_kind::NotificationKind, preferences::Preferences},
};
use uuid::Uuid;

use crate::support::{App, Person, Reply, UNSUBSCRIBE_KEY};

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

/// Returns the text of a page, and checks that it loads nothing and forbids framing.
#[track_caller]
fn page(reply: Reply, status: u16) -> String {
    assert_eq!(reply.header("content-type"), "text/html; charset=utf-8", "{reply}");
    let policy = reply.header("content-security-policy");
    for rule in ["default-src 'none'", "form-action 'self'", "frame-ancestors 'none'", "base-uri 'none'"] {
        assert!(policy.contains(rule), "{reply}");
    }
    assert_eq!((reply.header("referrer-policy"), reply.header("cache-control")), ("no-referrer", "no-store"));
    let Value::String(html) = reply.ok(status) else { panic!("that is no page") };
    assert!(html.contains("<h1>Fewer mails</h1>"), "{html}");
    html
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
async fn opening_the_unsubscribe_link_changes_nothing(db: PgPool) {
    let app = App::new(&db);
    let ann = app.user("<script>alert('Ann')</script>").await;
    let before = app.fingerprint().await;
    let tracked = format!("{}&utm_source=mail&utm_source=again&fbclid=1", link(ann.id, &KINDS));
    for link in [link(ann.id, &KINDS), link(ann.id, NotificationKind::ALL), tracked] {
        let html = page(app.anyone().get(&link).await, 200);
        assert!(html.contains("mentions of you") && html.contains("<form method=\"post\">"), "{html}");
        assert!(!html.contains("alert("), "{html}");
    }
    assert_eq!(app.fingerprint().await, before);
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn one_click_ends_mails_of_the_kinds_in_the_link_only(db: PgPool) {
    let app = App::new(&db);
    let (ann, bob) = (app.user("Ann").await, app.user("Bob").await);
    let html = page(press(&app, &link(ann.id, &KINDS), ONE_CLICK).await, 200);
    assert!(html.contains("no more mails about mentions of you, comments.") && !html.contains("<form"), "{html}");
    assert_eq!(preferences(&app, &ann).await, without(&KINDS));
    assert_eq!(preferences(&app, &bob).await, json!(Preferences::default()));
    // Repeated requests, also in the form that mail programs and trackers send them, have the same effect.
    let before = app.fingerprint().await;
    let tracked = format!("{}&utm_source=mail", link(ann.id, &KINDS));
    page(press(&app, &tracked, ONE_CLICK).await, 200);
    page(app.anyone().post(&link(ann.id, &KINDS), None).await, 200);
    let multipart = "--x\r\nContent-Disposition: form-data; name=\"List-Unsubscribe\"\r\n\r\nOne-Click\r\n--x--\r\n";
    let reply = app.anyone().send_raw("POST", &tracked, Some("multipart/form-data; boundary=x"), multipart).await;
    page(reply, 200);
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
    page(press(&app, &link(ann.id, &[NotificationKind::Mentioned]), ONE_CLICK).await, 200);
    chosen["kinds"]["mentioned"]["email"] = json!("off");
    let now = app.as_user(&ann).get(at).await;
    assert_eq!(now.etag(), "\"2\"", "who edits them at this moment is told so");
    assert_eq!(now.ok(200), chosen);
    // An old link keeps working, and users may turn mails on again.
    chosen["kinds"]["mentioned"]["email"] = json!("immediate");
    app.as_user(&ann).put(at, chosen.clone()).await.ok(200);
    page(press(&app, &link(ann.id, &[NotificationKind::Mentioned]), ONE_CLICK).await, 200);
    assert_eq!(app.as_user(&ann).get(at).await.ok(200)["kinds"]["mentioned"]["email"], "off");
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn unsubscribing_from_all_ends_mails_of_every_kind(db: PgPool) {
    let app = App::new(&db);
    let ann = app.user("Ann").await;
    for form in ["all=false", "all=", "all=truely", "small=true", "all=true=true", ""] {
        page(press(&app, &link(ann.id, &KINDS), form).await, 200);
        assert_eq!(preferences(&app, &ann).await, without(&KINDS), "{form}");
    }
    let html = page(press(&app, &link(ann.id, &KINDS), "all=true").await, 200);
    assert!(html.contains("no more mails about anything"), "{html}");
    let mut none = without(NotificationKind::ALL);
    none["daily_summary_at"] = json!(null);
    assert_eq!(preferences(&app, &ann).await, none);
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn the_link_of_a_summary_ends_the_summary_only(db: PgPool) {
    let app = App::new(&db);
    let ann = app.user("Ann").await;
    let token = UnsubscribeKey::new(UNSUBSCRIBE_KEY).sign_summary(ann.id).unwrap();
    let html = page(press(&app, &format!("/v1/unsubscribe?token={token}"), "List-Unsubscribe=One-Click").await, 200);
    assert!(html.contains("the daily summary"), "{html}");
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
        for html in [
            page(app.anyone().get(&link).await, 400),
            page(press(&app, &link, ONE_CLICK).await, 400),
            page(press(&app, &link, "all=true").await, 400),
            page(app.as_user(&ann).get(&link).await, 400),
        ] {
            assert!(html.contains("not one of ours") && !html.contains("<form") && !html.contains("alert("), "{html}");
        }
    }
    page(app.anyone().get("/v1/unsubscribe").await, 400);
    page(app.anyone().post("/v1/unsubscribe", None).await, 400);
    assert_eq!(app.fingerprint().await, before);
    assert_eq!(
        app.anyone().get(&format!("/v1/unsubscribe?token={}", odd_token("kinds", json!(KINDS)))).await.status,
        200
    );
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn unsubscribing_works_for_unknown_and_inactive_users(db: PgPool) {
    let app = App::new(&db);
    let before = app.fingerprint().await;
    let unknown = link(Uuid::now_v7(), &KINDS);
    for form in [ONE_CLICK, "all=true"] {
        page(press(&app, &unknown, form).await, 200);
    }
    assert_eq!(app.fingerprint().await, before);
    let bob = app.user("Bob").await;
    app.sql("UPDATE users SET active = false").await;
    page(press(&app, &link(bob.id, &KINDS), ONE_CLICK).await, 200);
    assert_eq!(app.count("notification_preferences").await, 1, "who comes back keeps what they chose");
}

//! `GET` and `PUT /v1/notification-preferences`.

use serde_json::{Value, json};
use shared::{db::PgPool, domain::preferences::Preferences};

use crate::support::App;

const AT: &str = "/v1/notification-preferences";

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn preferences_default_until_they_are_set(db: PgPool) {
    let app = App::new(&db);
    let ann = app.user("Ann").await;
    let reply = app.as_user(&ann).get(AT).await;
    assert_eq!(reply.etag(), "\"0\"");
    let channels = |email: &str| json!({ "push": true, "email": email });
    let kinds = json!({
        "task_created": channels("off"),
        "task_assigned": channels("immediate"), "task_unassigned": channels("daily"), "task_updated": channels("daily"),
        "task_status_changed": channels("daily"), "task_commented": channels("immediate"),
        "mentioned": channels("immediate"), "task_due_soon": channels("immediate"),
        "task_overdue": channels("immediate"), "task_deleted": channels("off"),
        "added_to_project": channels("immediate"), "report_ready": channels("immediate"),
    });
    let defaults = json!({
        "kinds": kinds, "quiet_hours": null, "daily_summary_at": "08:00", "reminder_offsets": ["P1D", "PT1H"],
    });
    assert_eq!(reply.ok(200), defaults);
    // Setting the defaults stores nothing.
    let reply = app.as_user(&ann).put(AT, defaults.clone()).await;
    assert_eq!((reply.etag(), app.count("notification_preferences").await), ("\"0\"", 0));
    assert_eq!(app.as_user(&ann).put(AT, json!({})).await.ok(200), defaults);
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn preferences_are_replaced_as_a_whole(db: PgPool) {
    let app = App::new(&db);
    let (ann, bob) = (app.user("Ann").await, app.user("Bob").await);
    let chosen = json!({
        "kinds": { "mentioned": { "push": false, "email": "off" }, "task_deleted": { "push": true, "email": "daily" } },
        "quiet_hours": { "from": "22:00", "to": "07:30" },
        "daily_summary_at": null,
        "reminder_offsets": [],
    });
    let mut expected = json!(Preferences::default());
    for (name, value) in chosen.as_object().unwrap().iter().filter(|(name, _)| *name != "kinds") {
        expected[name] = value.clone();
    }
    for (kind, channels) in chosen["kinds"].as_object().unwrap() {
        expected["kinds"][kind] = channels.clone();
    }
    let reply = app.as_user(&ann).put(AT, chosen.clone()).await;
    assert_eq!(reply.etag(), "\"1\"");
    assert_eq!(reply.ok(200), expected);
    assert_eq!(app.as_user(&ann).put(AT, chosen).await.etag(), "\"1\"", "the same again changes nothing");
    let shown = app.as_user(&ann).get(AT).await;
    assert_eq!(shown.etag(), "\"1\"");
    assert_eq!(shown.ok(200), expected);
    assert_eq!(app.as_user(&bob).get(AT).await.ok(200), json!(Preferences::default()), "everyone has their own");

    let offsets = json!(["PT0M", "P30D", "PT15M", "P1DT12H", "P2W", "PT1H", "PT2H", "PT3H", "PT4H", "PT5H"]);
    let reply = app.as_user(&ann).put(AT, json!({ "reminder_offsets": offsets })).await;
    assert_eq!(reply.etag(), "\"2\"");
    expected = json!(Preferences::default());
    expected["reminder_offsets"] = offsets;
    assert_eq!(reply.ok(200), expected, "what is not given is as by default");
    assert_eq!(app.as_user(&ann).put(AT, json!({})).await.ok(200), json!(Preferences::default()));
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn duplicate_reminder_offsets_are_stored_once(db: PgPool) {
    let app = App::new(&db);
    let ann = app.user("Ann").await;
    let put = async |offsets: Value| app.as_user(&ann).put(AT, json!({ "reminder_offsets": offsets })).await;
    let reply = put(json!(["P1D", "PT2H", "PT24H", "P1D", "PT120M"])).await;
    assert_eq!(reply.etag(), "\"1\"");
    assert_eq!(reply.ok(200)["reminder_offsets"], json!(["P1D", "PT2H"]));
    assert_eq!(app.as_user(&ann).get(AT).await.ok(200)["reminder_offsets"], json!(["P1D", "PT2H"]));
    assert_eq!(put(json!(["P1D", "PT2H", "PT2H"])).await.etag(), "\"1\"", "the same again changes nothing");
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn if_match_guards_preferences(db: PgPool) {
    let app = App::new(&db);
    let ann = app.user("Ann").await;
    let summary = |at: &str| json!({ "daily_summary_at": at });
    let stale = app.as_user(&ann).if_match("\"1\"").put(AT, summary("09:00")).await;
    assert_eq!(stale.etag(), "\"0\"");
    assert_eq!(stale.ok(412)["current"], json!(Preferences::default()));
    let first = app.as_user(&ann).if_match("\"0\"").put(AT, summary("09:00")).await;
    assert_eq!(first.etag(), "\"1\"");
    let current = first.ok(200);
    assert_eq!(app.as_user(&ann).if_match("\"0\"").put(AT, summary("10:00")).await.ok(412)["current"], current);
    assert_eq!(app.as_user(&ann).get(AT).await.ok(200), current);
    // Of two concurrent changes with the same version, one succeeds.
    let client = app.as_user(&ann).if_match("\"1\"");
    let (one, other) = tokio::join!(client.put(AT, summary("11:00")), client.put(AT, summary("12:00")));
    let mut statuses = [one.status, other.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 412]);
    assert_eq!(app.as_user(&ann).if_match("*").put(AT, summary("13:00")).await.etag(), "\"3\"");
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn all_invalid_preferences_are_reported(db: PgPool) {
    let app = App::new(&db);
    let ann = app.user("Ann").await;
    let before = app.fingerprint().await;
    let faults = json!({
        "kinds": {
            "task_exploded": { "push": true, "email": "off" },
            "mentioned": { "push": "yes", "email": "weekly", "sms": true },
            "task_updated": { "push": true },
            "task_deleted": null,
        },
        "quiet_hours": { "from": "25:00", "until": "07:00" },
        "daily_summary_at": "8 o'clock",
        "reminder_offsets": ["P1D", "P31D", "one day", 60],
        "language": "de",
    });
    app.as_user(&ann).put(AT, faults).await.wrong(&[
        "/daily_summary_at",
        "/kinds/mentioned/email",
        "/kinds/mentioned/push",
        "/kinds/mentioned/sms",
        "/kinds/task_deleted",
        "/kinds/task_exploded",
        "/kinds/task_updated/email",
        "/language",
        "/quiet_hours/from",
        "/quiet_hours/to",
        "/quiet_hours/until",
        "/reminder_offsets/1",
        "/reminder_offsets/2",
        "/reminder_offsets/3",
    ]);
    let client = app.as_user(&ann);
    let put = |preferences: Value| client.put(AT, preferences);
    put(json!({ "reminder_offsets": vec!["P1D"; 11] })).await.wrong(&["/reminder_offsets"]);
    put(json!({ "quiet_hours": { "from": "07:00", "to": "07:00" } })).await.wrong(&["/quiet_hours/to"]);
    for time in ["", "8:00", " 8:00", "08: 0", "08:00:00", "24:00", "07:60", "+8:00", "٠٨:٠٠", "08:0a"] {
        put(json!({ "daily_summary_at": time })).await.wrong(&["/daily_summary_at"]);
    }
    for wrong in [json!({ "kinds": null }), json!({ "kinds": [] })] {
        put(wrong).await.wrong(&["/kinds"]);
    }
    assert_eq!(app.fingerprint().await, before);
}

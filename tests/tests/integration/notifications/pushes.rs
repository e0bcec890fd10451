//! Which notifications are pushed, which are not, and which wait until quiet hours end.

use chrono::{DateTime, FixedOffset, TimeDelta, Timelike, Utc};
use serde_json::{Value, json};
use shared::db::PgPool;
use uuid::Uuid;

use super::Team;
use crate::support::{Person, notify, own_pool, pushed, waiting};

const AT: &str = "/v1/notification-preferences";

/// Sets a person's quiet hours from an hour ago to an hour from now in the time zone. Returns when they end.
async fn be_quiet(team: &Team, person: &Person, zone: FixedOffset, name: &str) -> DateTime<Utc> {
    let local = Utc::now().with_timezone(&zone).with_nanosecond(0).unwrap().with_second(0).unwrap();
    let (from, to) = (local - TimeDelta::hours(1), local + TimeDelta::hours(1));
    team.as_user(person).patch("/v1/users/me", json!({ "time_zone": name })).await.ok(200);
    let time = |at: DateTime<FixedOffset>| at.format("%H:%M").to_string();
    let quiet = json!({ "quiet_hours": { "from": time(from), "to": time(to) } });
    team.as_user(person).put(AT, quiet).await.ok(200);
    to.to_utc()
}

/// Ends all quiet hours, and makes the events due that waited for their end.
async fn end_quiet_hours(team: &Team) {
    team.app.sql("UPDATE notification_preferences SET quiet_from = NULL, quiet_to = NULL").await;
    team.app.sql("UPDATE outbox SET due_at = now() WHERE due_at > now()").await;
}

/// Lets the consumer handle all due events. Returns how many messages it pushed for each.
async fn pushes(team: &Team) -> Vec<usize> {
    let mut pushes = Vec::new();
    for id in team.app.unhandled().await {
        pushes.push(pushed(notify(&team.app.db).consume(id).await.unwrap()));
    }
    pushes
}

/// Returns how a person's notifications after `since` are pushed.
async fn how(team: &Team, person: &Person, since: i64) -> Vec<String> {
    let how = "SELECT push FROM notifications WHERE user_id = $1 AND seq > $2 ORDER BY seq";
    sqlx::query_scalar(how).bind(person.id).bind(since).fetch_all(&team.app.db).await.unwrap()
}

/// Returns the first of a person's notifications that are held back.
async fn held(team: &Team, person: &Person) -> Option<i64> {
    team.app.one(&format!("SELECT held_seq FROM inboxes WHERE user_id = '{}'", person.id)).await
}

/// Returns the unhandled events for the end of a person's quiet hours, as a table.
fn waits(person: &Person) -> String {
    let payload = json!({ "event": "quiet_hours_over", "user_id": person.id });
    format!("outbox WHERE payload = '{payload}' AND handled_at IS NULL")
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn pushes_reach_every_connection_as_preferences_say(db: PgPool) {
    let team = Team::new(&db).await;
    for person in [&team.ann, &team.bob, &team.bob, &team.dan] {
        team.app.connect(person).await;
    }
    let off = json!({ "kinds": { "task_updated": { "push": false, "email": "immediate" } } });
    team.as_user(&team.bob).put(AT, off).await.ok(200);
    team.comment(&team.mia, "hi").await;
    team.change(&team.mia, json!({ "title": "Written" })).await;
    assert_eq!(pushes(&team).await, [3, 1], "one to Ann, two to Bob, who does not want the second");
    assert_eq!(how(&team, &team.bob, 2).await, ["now", "off"]);
    assert_eq!(how(&team, &team.ann, 1).await, ["now", "now"]);
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn quiet_hours_hold_pushes_back_until_they_end(db: PgPool) {
    let team = Team::new(&db).await;
    team.app.connect(&team.bob).await;
    let kolkata = FixedOffset::east_opt(5 * 3600 + 1800).unwrap();
    let end = be_quiet(&team, &team.bob, kolkata, "Asia/Kolkata").await;
    for body in ["one", "two", "three"] {
        team.comment(&team.mia, body).await;
    }
    assert_eq!(pushes(&team).await, [0, 0, 0]);
    assert_eq!(how(&team, &team.bob, 2).await, ["held", "held", "held"]);
    assert_eq!(how(&team, &team.ann, 1).await, ["now", "now", "now"]);
    assert_eq!(team.app.told(&team.bob).await.len(), 5, "the inbox does not wait");
    assert_eq!(held(&team, &team.bob).await, Some(3), "the first");
    let waits = waits(&team.bob);
    assert_eq!(team.app.count(&waits).await, 1, "one event, however much is held back");
    assert_eq!(team.app.one::<DateTime<Utc>>(&format!("SELECT due_at FROM {waits}")).await, end);
    assert_eq!(team.app.unhandled().await.len(), 0, "it waits until it is due");

    // It is handled during quiet hours: it waits for their end again.
    let event: Uuid = team.app.one(&format!("SELECT id FROM {waits}")).await;
    assert_eq!(pushed(notify(&db).consume(event).await.unwrap()), 0);
    assert_eq!((held(&team, &team.bob).await, team.app.count(&waits).await), (Some(3), 1));
    assert_eq!(team.app.one::<DateTime<Utc>>(&format!("SELECT due_at FROM {waits}")).await, end);

    end_quiet_hours(&team).await;
    assert_eq!(pushes(&team).await, [3]);
    assert_eq!((held(&team, &team.bob).await, team.app.count(&waits).await), (None, 0));
    assert_eq!(team.app.told(&team.bob).await.len(), 5, "nothing is told twice");
    team.comment(&team.mia, "four").await;
    assert_eq!(pushes(&team).await, [1]);

    // The next quiet hours start again, and their end does not push earlier notifications again.
    be_quiet(&team, &team.bob, kolkata, "Asia/Kolkata").await;
    team.comment(&team.mia, "five").await;
    assert_eq!(pushes(&team).await, [0]);
    assert_eq!((held(&team, &team.bob).await, team.app.count(&waits).await), (Some(7), 1));
    end_quiet_hours(&team).await;
    assert_eq!(pushes(&team).await, [1]);
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn a_notification_is_not_pushed_after_access_is_lost(db: PgPool) {
    let team = Team::new(&db).await;
    team.app.connect(&team.bob).await;
    be_quiet(&team, &team.bob, FixedOffset::east_opt(0).unwrap(), "UTC").await;
    team.comment(&team.mia, "A secret").await;
    assert_eq!(pushes(&team).await, [0]);
    team.app
        .sql(&format!("UPDATE tasks SET assignee_id = NULL; DELETE FROM memberships WHERE user_id = '{}'", team.bob.id))
        .await;
    end_quiet_hours(&team).await;
    assert_eq!(pushes(&team).await, [0]);
    assert_eq!(held(&team, &team.bob).await, None);
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn a_notification_with_push_off_is_not_held_back(db: PgPool) {
    let team = Team::new(&db).await;
    be_quiet(&team, &team.bob, FixedOffset::east_opt(0).unwrap(), "UTC").await;
    let mut chosen: Value = team.as_user(&team.bob).get(AT).await.ok(200);
    chosen["kinds"]["task_commented"]["push"] = json!(false);
    team.as_user(&team.bob).put(AT, chosen).await.ok(200);
    team.comment(&team.mia, "hi").await;
    assert_eq!(pushes(&team).await, [0]);
    assert_eq!(how(&team, &team.bob, 2).await, ["off"]);
    assert_eq!((held(&team, &team.bob).await, team.app.count(&waits(&team.bob)).await), (None, 0));
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn a_push_held_back_as_quiet_hours_end_is_still_sent(db: PgPool) {
    let team = Team::new(&db).await;
    team.app.connect(&team.bob).await;
    be_quiet(&team, &team.bob, FixedOffset::east_opt(0).unwrap(), "UTC").await;
    team.comment(&team.mia, "one").await;
    assert_eq!(pushes(&team).await, [0]);
    team.comment(&team.mia, "two").await;
    let late = team.app.unhandled().await[0];
    // The second is held back, but not committed, when the end of the quiet hours is handled.
    let mut stop = db.begin().await.unwrap();
    sqlx::query("LOCK TABLE notifications IN SHARE MODE").execute(&mut *stop).await.unwrap();
    let (first, second) = (notify(&own_pool(&db)), notify(&own_pool(&db)));
    let over = async {
        waiting(&db, 1).await;
        let event: Uuid = team.app.one(&format!("SELECT id FROM {}", waits(&team.bob))).await;
        end_quiet_hours(&team).await;
        let (outcome, ()) = tokio::join!(second.consume(event), async {
            waiting(&db, 2).await;
            stop.rollback().await.unwrap();
        });
        pushed(outcome.unwrap())
    };
    let (told, over) = tokio::join!(first.consume(late), over);
    assert_eq!(pushed(told.unwrap()), 0);
    assert_eq!(over, 2, "both are pushed");
    assert_eq!(held(&team, &team.bob).await, None);
}

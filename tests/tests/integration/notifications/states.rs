//! `PATCH /v1/notifications/{id}`, and what comes back when a snooze is over.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use shared::{db::PgPool, domain::task::truncate_to_micros};
use taskbell_queue::notify::Outcome;
use uuid::Uuid;

use super::Team;
use crate::support::{App, Person, Reply, each, id, notify, own_pool, pushed};

/// Inboxes that count wrongly.
const WRONG: &str = "inboxes i WHERE unread_count <> (
    SELECT count(*) FROM notifications n WHERE n.user_id = i.user_id AND read_at IS NULL AND snoozed_until IS NULL)";

async fn patch(team: &Team, person: &Person, notification: &Value, patch: Value) -> Reply {
    let reply = team.as_user(person).patch(&format!("/v1/notifications/{}", id(notification)), patch).await;
    assert_eq!(team.app.count(WRONG).await, 0, "{reply}");
    reply
}

fn in_time(delta: TimeDelta) -> DateTime<Utc> {
    truncate_to_micros(Utc::now() + delta)
}

fn tomorrow() -> Value {
    json!(in_time(TimeDelta::days(1)))
}

/// Returns the `seq`s in the inbox, archived, snoozed, and unread in the inbox; and the number of unread ones.
async fn places(app: &App, person: &Person) -> ([Vec<i64>; 4], i64) {
    let mut seqs: [Vec<i64>; 4] = std::array::from_fn(|_| Vec::new());
    let mut unread = 0;
    for (place, query) in
        ["state=inbox", "state=archived", "state=snoozed", "state=inbox&unread=true"].iter().enumerate()
    {
        let page = app.as_user(person).get(&format!("/v1/notifications?{query}")).await.ok(200);
        seqs[place] = each(&page, "seq").into_iter().map(|seq| seq.as_i64().unwrap()).collect();
        unread = page["unread_count"].as_i64().unwrap();
    }
    (seqs, unread)
}

/// Makes the ends of snoozes due.
async fn pass_time(team: &Team) {
    team.app
        .sql("UPDATE outbox SET due_at = now() WHERE payload->>'event' = 'snooze_over' AND handled_at IS NULL")
        .await;
}

/// Returns a team in which Ann has four notifications.
async fn told(db: &PgPool) -> (Team, Vec<Value>) {
    let mut team = Team::new(db).await;
    for body in ["one", "two", "three"] {
        team.comment(&team.mia, body).await;
    }
    team.news().await;
    let inbox = team.app.inbox(&team.ann, 0).await;
    assert_eq!(inbox.len(), 4, "she was added to the project, too");
    (team, inbox)
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn a_notification_is_in_the_inbox_archived_or_snoozed(db: PgPool) {
    let (team, inbox) = told(&db).await;
    let ann = &team.ann;
    let [one, two, three, _] = &inbox[..] else { panic!("{inbox:?}") };
    let until = tomorrow();
    let archived = patch(&team, ann, one, json!({ "archived": true })).await.ok(200);
    assert!(archived["archived_at"].is_string() && archived["read_at"] == archived["archived_at"], "{archived}");
    let snoozed = patch(&team, ann, two, json!({ "snoozed_until": until })).await.ok(200);
    assert_eq!((&snoozed["snoozed_until"], &snoozed["read_at"]), (&until, &Value::Null));
    let mut expected = two.clone();
    expected["snoozed_until"] = until;
    assert_eq!(snoozed, expected, "all else is as in the list");
    patch(&team, ann, three, json!({ "read": true })).await.ok(200);
    assert_eq!(places(&team.app, ann).await, ([vec![4, 3], vec![1], vec![2], vec![4]], 1));
    // Without a state: all.
    assert_eq!(team.app.inbox(ann, 0).await.len(), 4);

    patch(&team, ann, three, json!({ "read": false })).await.ok(200);
    patch(&team, ann, one, json!({ "snoozed_until": tomorrow() })).await.ok(200);
    patch(&team, ann, two, json!({ "archived": true })).await.ok(200);
    assert_eq!(places(&team.app, ann).await, ([vec![4, 3], vec![2], vec![1], vec![4, 3]], 2));
    patch(&team, ann, one, json!({ "snoozed_until": null })).await.ok(200);
    patch(&team, ann, two, json!({ "archived": false })).await.ok(200);
    assert_eq!(places(&team.app, ann).await, ([vec![4, 3, 2, 1], vec![], vec![], vec![4, 3]], 2));

    // Reading everything reads what is snoozed, too, which does not count.
    for one in [three, &inbox[3]] {
        patch(&team, ann, one, json!({ "snoozed_until": tomorrow() })).await.ok(200);
    }
    assert_eq!(places(&team.app, ann).await.1, 0);
    let read = team.as_user(ann).post("/v1/notifications/read", json!({ "seq": 3 })).await.ok(200);
    assert_eq!((read, team.app.count(WRONG).await), (json!({ "unread_count": 0 }), 0));
    patch(&team, ann, three, json!({ "snoozed_until": null })).await.ok(200);
    patch(&team, ann, &inbox[3], json!({ "snoozed_until": null })).await.ok(200);
    assert_eq!(places(&team.app, ann).await.0[3], [4]);
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn invalid_changes_and_those_of_others_change_nothing(db: PgPool) {
    let (team, inbox) = told(&db).await;
    let before = team.app.fingerprint().await;
    for other in [&team.bob, &team.mia, &team.root] {
        for what in [json!({ "archived": true }), json!({ "snoozed_until": tomorrow() }), json!({})] {
            patch(&team, other, &inbox[0], what).await.ok(404);
        }
    }
    let (past, late) = (in_time(-TimeDelta::seconds(1)), in_time(TimeDelta::days(367)));
    for (what, pointers) in [
        (json!({ "snoozed_until": past }), &["/snoozed_until"][..]),
        (json!({ "snoozed_until": late }), &["/snoozed_until"]),
        (json!({ "snoozed_until": "tomorrow" }), &["/snoozed_until"]),
        (json!({ "archived": true, "snoozed_until": tomorrow() }), &["/snoozed_until"]),
        (json!({ "archived": true, "read": false }), &["/read"]),
        (json!({ "archived": null, "read": 1 }), &["/archived", "/read"]),
        (json!({ "seq": 1 }), &["/seq"]),
    ] {
        patch(&team, &team.ann, &inbox[0], what).await.wrong(pointers);
    }
    // Nothing changes, so nothing is told.
    for what in [json!({}), json!({ "read": false }), json!({ "archived": false }), json!({ "snoozed_until": null })] {
        patch(&team, &team.ann, &inbox[0], what).await.ok(200);
    }
    assert_eq!(team.app.fingerprint().await, before);
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn a_snoozed_notification_comes_back_as_a_copy(db: PgPool) {
    let (team, inbox) = told(&db).await;
    let ann = &team.ann;
    let first = tomorrow();
    patch(&team, ann, &inbox[1], json!({ "snoozed_until": first })).await.ok(200);
    let due: DateTime<Utc> = team.app.one("SELECT due_at FROM outbox WHERE payload->>'event' = 'snooze_over'").await;
    assert_eq!(json!(due), first);
    // Another time: the first has no effect.
    patch(&team, ann, &inbox[1], json!({ "snoozed_until": in_time(TimeDelta::days(2)) })).await.ok(200);
    let early: Uuid =
        team.app.one("SELECT id FROM outbox WHERE payload->>'event' = 'snooze_over' ORDER BY id LIMIT 1").await;
    notify(&db).consume(early).await.unwrap();
    assert_eq!(places(&team.app, ann).await, ([vec![4, 3, 1], vec![], vec![2], vec![4, 3, 1]], 3));

    pass_time(&team).await;
    team.app.tell_everyone().await;
    assert_eq!(places(&team.app, ann).await, ([vec![5, 4, 3, 1], vec![2], vec![], vec![5, 4, 3, 1]], 4));
    let old = &team.app.inbox(ann, 1).await[0];
    assert!(old["read_at"].is_string() && old["archived_at"].is_string() && old["snoozed_until"].is_null(), "{old}");
    let copy = team.newest(ann).await;
    assert_eq!(copy["data"]["snoozed"], old["id"]);
    for field in ["kind", "reason", "title", "body", "task_id", "task_key", "project_id", "actor_id"] {
        assert_eq!(copy[field], old[field], "{field}");
    }
    assert_eq!(team.app.count("notifications WHERE data ? 'snoozed' AND email_id IS NOT NULL").await, 0);

    // The copy can be snoozed, and read meanwhile. One that is put back, or archived, does not come back.
    patch(&team, ann, &copy, json!({ "snoozed_until": tomorrow(), "read": true })).await.ok(200);
    patch(&team, ann, &inbox[0], json!({ "snoozed_until": tomorrow() })).await.ok(200);
    patch(&team, ann, &inbox[0], json!({ "snoozed_until": null })).await.ok(200);
    patch(&team, ann, &inbox[2], json!({ "snoozed_until": tomorrow() })).await.ok(200);
    patch(&team, ann, &inbox[2], json!({ "archived": true })).await.ok(200);
    pass_time(&team).await;
    team.app.tell_everyone().await;
    assert_eq!(places(&team.app, ann).await, ([vec![6, 4, 1], vec![5, 3, 2], vec![], vec![6, 4, 1]], 3));
    assert_eq!(team.newest(ann).await["data"]["snoozed"], copy["id"]);
    assert_eq!(team.app.count(WRONG).await, 0);
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn the_end_of_a_snooze_that_is_delivered_twice_makes_one_copy(db: PgPool) {
    let (team, inbox) = told(&db).await;
    let consumers = [(); 3].map(|()| notify(&own_pool(&db)));
    for (round, notification) in (1..).zip(&inbox) {
        patch(&team, &team.ann, notification, json!({ "snoozed_until": tomorrow() })).await.ok(200);
        team.app.tell_everyone().await;
        pass_time(&team).await;
        let event = team.app.unhandled().await[0];
        if round % 2 == 0 {
            // It cannot mark the event as handled, but the copy is stored.
            team.app.sql("ALTER TABLE outbox ADD CONSTRAINT never CHECK (handled_at IS NULL) NOT VALID").await;
            consumers[0].consume(event).await.unwrap_err();
            team.app.sql("ALTER TABLE outbox DROP CONSTRAINT never").await;
        }
        let [one, two, three] = &consumers;
        let outcomes = tokio::join!(one.consume(event), two.consume(event), three.consume(event));
        let outcomes = [outcomes.0, outcomes.1, outcomes.2];
        assert!(outcomes.iter().any(|outcome| matches!(outcome, Ok(Outcome::Handled(_)))), "{outcomes:?}");
        assert_eq!(one.consume(event).await.unwrap(), Outcome::HandledBefore);
        assert_eq!(team.app.count(&format!("notifications WHERE event_id = '{event}'")).await, 1);
        assert_eq!(team.app.inbox(&team.ann, 0).await.len(), 4 + round);
        assert_eq!(team.app.count(WRONG).await, 0);
    }
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn every_change_goes_to_the_persons_connections(db: PgPool) {
    let (mut team, inbox) = told(&db).await;
    team.app.connect(&team.ann).await;
    team.app.connect(&team.ann).await;
    team.app.connect(&team.bob).await;
    let frames = async |team: &Team| {
        let mut frames = 0;
        for id in team.app.unhandled().await {
            frames += pushed(notify(&team.app.db).consume(id).await.unwrap());
        }
        frames
    };
    let read = async |team: &Team, what| team.as_user(&team.ann).post("/v1/notifications/read", what).await.ok(200);
    patch(&team, &team.ann, &inbox[3], json!({ "archived": true })).await.ok(200);
    assert_eq!(frames(&team).await, 2);
    read(&team, json!({ "ids": [inbox[0]["id"], inbox[3]["id"]] })).await;
    let ids: Value = team.app.one("SELECT payload->'ids' FROM outbox ORDER BY id DESC LIMIT 1").await;
    assert_eq!((ids, frames(&team).await), (json!([inbox[0]["id"]]), 2), "those that were unread");
    read(&team, json!({ "seq": 1 })).await;
    assert_eq!(frames(&team).await, 0, "it was read");
    read(&team, json!({ "seq": 2 })).await;
    assert_eq!(frames(&team).await, 2);
    // The change of the inbox, and the copy.
    patch(&team, &team.ann, &inbox[2], json!({ "snoozed_until": tomorrow() })).await.ok(200);
    assert_eq!(frames(&team).await, 2);
    pass_time(&team).await;
    assert_eq!(frames(&team).await, 4);
    // Only the change of the inbox, if she wants no pushes of the kind.
    let off = json!({ "kinds": { "task_commented": { "push": false, "email": "off" } } });
    team.as_user(&team.ann).put("/v1/notification-preferences", off).await.ok(200);
    let copy = team.newest(&team.ann).await;
    patch(&team, &team.ann, &copy, json!({ "snoozed_until": tomorrow() })).await.ok(200);
    frames(&team).await;
    pass_time(&team).await;
    assert_eq!(frames(&team).await, 2);
    team.news().await;
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn more_than_two_hundred_read_notifications_are_not_named(db: PgPool) {
    let (team, _) = told(&db).await;
    team.app
        .sql(&format!(
            "INSERT INTO notifications (id, user_id, seq, event_id, kind, title, body, push)
             SELECT gen_random_uuid(), '{0}', n, gen_random_uuid(), 'mentioned', '', '', 'off' FROM generate_series(5, 300) n;
             UPDATE inboxes SET last_seq = 300, unread_count = 300 WHERE user_id = '{0}'",
            team.ann.id
        ))
        .await;
    for (seq, named) in [(200, 200), (201, 1), (299, 98), (300, 1)] {
        team.as_user(&team.ann).post("/v1/notifications/read", json!({ "seq": seq })).await.ok(200);
        let ids: Value = team.app.one("SELECT payload->'ids' FROM outbox ORDER BY id DESC LIMIT 1").await;
        assert_eq!(ids.as_array().unwrap().len(), named, "up to {seq}");
    }
    team.app.sql("UPDATE notifications SET read_at = NULL WHERE archived_at IS NULL").await;
    team.app.sql(&format!("UPDATE inboxes SET unread_count = 300 WHERE user_id = '{}'", team.ann.id)).await;
    team.as_user(&team.ann).post("/v1/notifications/read", json!({ "seq": 201 })).await.ok(200);
    assert_eq!(team.app.one::<Value>("SELECT payload->'ids' FROM outbox ORDER BY id DESC LIMIT 1").await, json!([]));
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn the_unread_count_is_right_under_concurrent_changes(db: PgPool) {
    let (team, inbox) = told(&db).await;
    let client = || team.as_user(&team.ann);
    let change = |place: usize, what: Value| {
        let at = format!("/v1/notifications/{}", id(&inbox[place]));
        async move { client().patch(&at, what).await.ok(200) }
    };
    for round in 0..4 {
        patch(&team, &team.ann, &inbox[0], json!({ "snoozed_until": tomorrow(), "read": round % 2 == 0 }))
            .await
            .ok(200);
        team.comment(&team.mia, "more").await;
        pass_time(&team).await;
        let events = team.app.unhandled().await;
        let deliver = async {
            let (one, other) = (notify(&own_pool(&db)), notify(&own_pool(&db)));
            for event in events {
                let _ = tokio::join!(one.consume(event), other.consume(event));
            }
        };
        tokio::join!(
            deliver,
            change(0, json!({ "archived": round == 3 })),
            change(1, json!({ "read": round % 2 == 1 })),
            change(1, json!({ "archived": true })),
            change(2, json!({ "snoozed_until": tomorrow() })),
            change(2, json!({ "read": false })),
            change(3, json!({ "snoozed_until": null, "read": false })),
            async { client().post("/v1/notifications/read", json!({ "seq": 3 })).await.ok(200) },
        );
        team.app.tell_everyone().await;
        assert_eq!(team.app.count(WRONG).await, 0, "round {round}");
        let seqs: Vec<i64> =
            team.app.inbox(&team.ann, 0).await.iter().map(|one| one["seq"].as_i64().unwrap()).collect();
        assert_eq!(seqs, (1..).take(seqs.len()).collect::<Vec<_>>());
    }
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn a_copy_has_no_content_without_access(db: PgPool) {
    let (team, _) = told(&db).await;
    team.app.connect(&team.bob).await;
    let newest = team.newest(&team.bob).await;
    patch(&team, &team.bob, &newest, json!({ "snoozed_until": tomorrow() })).await.ok(200);
    team.app.tell_everyone().await;
    let (project, bob) = (id(&team.project), team.bob.id);
    team.as_user(&team.mia).delete(&format!("/v1/projects/{project}/members/{bob}")).await.ok(204);
    team.app.tell_everyone().await;
    pass_time(&team).await;
    let event = team.app.unhandled().await[0];
    assert_eq!(pushed(notify(&db).consume(event).await.unwrap()), 1, "the change of the inbox only");
    let copy = team.newest(&team.bob).await;
    assert_eq!((&copy["title"], &copy["data"]), (&json!("Something that you may no longer see"), &json!({})));
    assert_eq!((&copy["reason"], &copy["task_id"]), (&Value::Null, &Value::Null));
}

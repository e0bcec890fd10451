//! Mails about notifications: who gets one, and how it collects the notifications of a task.

use chrono::{DateTime, Utc};
use serde_json::json;
use shared::db::PgPool;
use taskbell_queue::send_email::Outcome;
use uuid::Uuid;

use super::Team;
use crate::support::{App, GATHER, Person, id, send_email};

/// Confirms the addresses of these people.
async fn verified(team: &Team, people: &[&Person]) {
    for person in people {
        team.app.sql(&format!("UPDATE users SET email_verified_at = now() WHERE id = '{}'", person.id)).await;
    }
}

/// Returns the mail of each of a person's notifications after `since`.
async fn mails(app: &App, person: &Person, since: i64) -> Vec<Option<Uuid>> {
    let mails = "SELECT email_id FROM notifications WHERE user_id = $1 AND seq > $2 ORDER BY seq";
    sqlx::query_scalar(mails).bind(person.id).bind(since).fetch_all(&app.db).await.unwrap()
}

/// Returns the id of the outbox message for a mail.
async fn message(app: &App, mail: Uuid) -> Uuid {
    app.one(&format!("SELECT id FROM outbox WHERE queue = 'emails' AND payload->>'email_id' = '{mail}'")).await
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn immediate_mails_go_to_confirmed_addresses_only(db: PgPool) {
    let mut team = Team::new(&db).await;
    verified(&team, &[&team.ann, &team.cat, &team.root]).await;
    let daily = json!({ "kinds": { "task_commented": { "push": true, "email": "daily" } } });
    team.as_user(&team.cat).put("/v1/notification-preferences", daily).await.ok(200);
    team.app.sql(&format!("UPDATE users SET email_refusals = 3 WHERE id = '{}'", team.root.id)).await;
    team.comment(&team.mia, "hi").await;
    assert_eq!(team.news().await.len(), 4);
    let to: Vec<Uuid> = sqlx::query_scalar("SELECT user_id FROM emails").fetch_all(&db).await.unwrap();
    assert_eq!(to, [team.ann.id], "Bob's address is not confirmed, Cat wants one a day, Root's server refuses them");
    assert!(mails(&team.app, &team.ann, 1).await[0].is_some());
    assert_eq!(mails(&team.app, &team.bob, 2).await, [None]);

    // Kinds that are mailed daily, or not at all, by default.
    team.app.sql("UPDATE users SET email_refusals = 2").await;
    team.change(&team.mia, json!({ "status": "done" })).await;
    team.change(&team.mia, json!({ "title": "Written" })).await;
    team.as_user(&team.mia).delete(&team.at("")).await.ok(204);
    assert_eq!(team.news().await.len(), 12);
    assert_eq!(mails(&team.app, &team.ann, 2).await, [None; 3]);
    team.as_user(&team.mia).post(&team.at("/restore"), None).await.ok(200);
    team.change(&team.mia, json!({ "assignee_id": team.cat.id })).await;
    team.comment(&team.bob, "I was told").await;
    team.app.tell_everyone().await;
    let who = "SELECT array_agg(DISTINCT u.name ORDER BY u.name) FROM emails e JOIN users u ON u.id = e.user_id";
    assert_eq!(team.app.one::<Vec<String>>(who).await, ["Ann", "Cat", "Root"]);
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn changes_of_a_task_are_collected_into_one_mail_per_person(db: PgPool) {
    let team = Team::new(&db).await;
    verified(&team, &[&team.ann, &team.bob]).await;
    for body in ["one", "two", "three", "four"] {
        team.comment(&team.mia, body).await;
        team.app.tell_everyone().await;
    }
    team.change(&team.mia, json!({ "assignee_id": team.ann.id })).await;
    team.app.tell_everyone().await;
    let (anns, bobs) = (mails(&team.app, &team.ann, 1).await, mails(&team.app, &team.bob, 2).await);
    assert_eq!(anns, [anns[0]; 5]);
    assert_eq!(bobs, [bobs[0], bobs[0], bobs[0], bobs[0], None]);
    assert!(anns[0].is_some() && bobs[0].is_some() && anns[0] != bobs[0]);
    assert_eq!((team.app.count("emails").await, team.app.count("outbox WHERE queue = 'emails'").await), (2, 2));
    for mail in [anns[0], bobs[0]] {
        let message = message(&team.app, mail.unwrap()).await;
        let open = format!(
            "outbox o JOIN emails e ON e.id = '{}'
             WHERE o.id = '{message}' AND sealed_at IS NULL AND e.task_id = '{}' AND kind = 'notifications'
               AND due_at = e.created_at + interval '{} seconds'",
            mail.unwrap(),
            id(&team.task),
            GATHER.as_secs(),
        );
        assert_eq!(team.app.count(&open).await, 1, "due when it has gathered long enough, from the first");
    }

    // Each task has its own mail, and so has each project.
    let other = json!({ "title": "x", "project_id": id(&team.project), "assignee_id": team.ann.id });
    team.app.task(&team.mia, other).await;
    team.app.project(&team.mia, "LAB", &[&team.ann]).await;
    team.app.project(&team.mia, "LIB", &[&team.ann]).await;
    team.app.tell_everyone().await;
    let mut all = mails(&team.app, &team.ann, 5).await;
    all.sort_unstable();
    all.dedup();
    assert_eq!((all.len(), all.contains(&None)), (4, false));
    assert_eq!(team.app.count("emails").await, 5);
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn a_mail_that_is_being_sent_collects_no_more_notifications(db: PgPool) {
    let team = Team::new(&db).await;
    verified(&team, &[&team.bob]).await;
    let send_email = send_email(&db);
    let mut met = Vec::new();
    for round in 1..=3 {
        for body in ["one", "two"] {
            team.comment(&team.mia, body).await;
            team.app.tell_everyone().await;
        }
        let mails = mails(&team.app, &team.bob, 2 * round).await;
        assert!(mails[0] == mails[1] && !met.contains(&mails[0]), "round {round}");
        met.push(mails[0]);
        // The mail server is unavailable: the mail is tried again with the same content.
        let message = message(&team.app, mails[0].unwrap()).await;
        send_email.send(message, Utc::now()).await.unwrap_err();
        let sealed = "emails WHERE sealed_at IS NOT NULL AND sent_at IS NULL AND failed_at IS NULL";
        assert_eq!(team.app.count(sealed).await, round);
        assert_eq!(team.app.count(&format!("outbox WHERE id = '{message}' AND handled_at IS NULL")).await, 1);
        let sealed_at: DateTime<Utc> = team.app.one("SELECT max(sealed_at) FROM emails").await;
        send_email.send(message, Utc::now()).await.unwrap_err();
        assert_eq!(team.app.one::<DateTime<Utc>>("SELECT max(sealed_at) FROM emails").await, sealed_at);
    }
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn a_mail_is_withdrawn_if_the_recipient_may_not_see_or_want_it(db: PgPool) {
    let team = Team::new(&db).await;
    verified(&team, &[&team.ann, &team.bob, &team.cat, &team.root]).await;
    team.comment(&team.mia, "A secret").await;
    team.app.tell_everyone().await;
    let member = format!("/v1/projects/{}/members/{}", id(&team.project), team.ann.id);
    team.as_user(&team.mia).delete(&member).await.ok(204);
    let off = json!({ "kinds": { "task_commented": { "push": true, "email": "off" } } });
    team.as_user(&team.bob).put("/v1/notification-preferences", off).await.ok(200);
    team.app.sql(&format!("UPDATE users SET email_verified_at = NULL WHERE id = '{}'", team.cat.id)).await;
    for (person, since) in [(&team.ann, 1), (&team.bob, 2), (&team.cat, 1)] {
        let mail = mails(&team.app, person, since).await[0].unwrap();
        let message = message(&team.app, mail).await;
        assert_eq!(send_email(&db).send(message, Utc::now()).await.unwrap(), Outcome::Nothing, "{}", person.email);
        let why: String =
            team.app.one(&format!("SELECT error FROM emails WHERE id = '{mail}' AND failed_at IS NOT NULL")).await;
        assert_eq!(why, "there was nothing left to tell");
        assert_eq!(team.app.count(&format!("outbox WHERE id = '{message}' AND handled_at IS NULL")).await, 0);
    }
    let mail = mails(&team.app, &team.root, 0).await[0].unwrap();
    send_email(&db).send(message(&team.app, mail).await, Utc::now()).await.expect_err("Root's would be sent");
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn a_mail_waits_and_collects_until_quiet_hours_end(db: PgPool) {
    let team = Team::new(&db).await;
    verified(&team, &[&team.bob]).await;
    let quiet = json!({ "quiet_hours": { "from": "22:00", "to": "07:00" } });
    team.as_user(&team.bob).put("/v1/notification-preferences", quiet).await.ok(200);
    team.comment(&team.mia, "one").await;
    team.app.tell_everyone().await;
    let mail = mails(&team.app, &team.bob, 2).await[0].unwrap();
    let (message, send_email) = (message(&team.app, mail).await, send_email(&db));
    let at = |time: &str| time.parse::<DateTime<Utc>>().unwrap();
    assert_eq!(send_email.send(message, at("2030-01-10T23:00:00Z")).await.unwrap(), Outcome::Held);
    let due = format!(
        "SELECT due_at FROM outbox WHERE id = '{message}' AND handled_at IS NULL AND sent_at IS NULL AND sends = 0"
    );
    assert_eq!(team.app.one::<DateTime<Utc>>(&due).await, at("2030-01-11T07:00:00Z"));
    team.comment(&team.mia, "two").await;
    team.app.tell_everyone().await;
    assert_eq!(mails(&team.app, &team.bob, 2).await, [Some(mail); 2]);
    send_email.send(message, at("2030-01-11T07:00:00Z")).await.expect_err("now it would be sent");
    assert_eq!(team.app.count("emails WHERE sealed_at IS NULL").await, 0);
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn a_reactivated_user_gets_the_next_mail(db: PgPool) {
    let team = Team::new(&db).await;
    verified(&team, &[&team.bob]).await;
    team.comment(&team.mia, "one").await;
    team.app.tell_everyone().await;
    let first = mails(&team.app, &team.bob, 2).await[0].unwrap();
    let bob = format!("/v1/users/{}", team.bob.id);
    team.as_user(&team.root).patch(&bob, json!({ "active": false })).await.ok(200);
    let message = message(&team.app, first).await;
    assert_eq!(send_email(&db).send(message, Utc::now()).await.unwrap(), Outcome::Nothing);
    team.as_user(&team.root).patch(&bob, json!({ "active": true })).await.ok(200);
    team.comment(&team.mia, "two").await;
    team.app.tell_everyone().await;
    let second = mails(&team.app, &team.bob, 3).await[0].unwrap();
    assert_ne!(second, first, "nothing will send the first any more");
    assert_eq!(team.app.count("outbox WHERE queue = 'emails' AND handled_at IS NULL").await, 1);
}

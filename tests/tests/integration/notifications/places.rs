//! What an inbox shows of notifications that the person may no longer see.

use serde_json::{Value, json};
use shared::db::PgPool;
use uuid::Uuid;

use super::Team;
use crate::support::{App, Person, each, id};

/// Returns a notification as a person sees it without access: without any details.
fn place_of(notification: &Value) -> Value {
    let mut place = notification.clone();
    for field in ["reason", "task_id", "task_key", "project_id", "actor_id"] {
        place[field] = json!(null);
    }
    place["title"] = json!("Something that you may no longer see");
    (place["body"], place["data"]) = (json!(""), json!({}));
    place
}

async fn inbox(app: &App, person: &Person) -> Vec<Value> {
    let inbox = app.inbox(person, 0).await;
    let newest = app.as_user(person).get("/v1/notifications").await.ok(200);
    assert_eq!(newest["items"].as_array().unwrap().iter().rev().cloned().collect::<Vec<_>>(), inbox);
    assert_eq!(newest["unread_count"], inbox.len());
    inbox
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn former_members_see_redacted_notifications(db: PgPool) {
    let team = Team::new(&db).await;
    team.change(&team.mia, json!({ "title": "A secret", "status": "done" })).await;
    team.comment(&team.mia, "A secret, too").await;
    team.app.tell_everyone().await;
    for (person, count) in [(&team.bob, 4), (&team.cat, 3), (&team.ann, 3)] {
        let before = inbox(&team.app, person).await;
        assert_eq!(before.len(), count);
        let member = format!("/v1/projects/{}/members/{}", id(&team.project), person.id);
        team.as_user(&team.mia).delete(&member).await.ok(204);
        let after = inbox(&team.app, person).await;
        assert_eq!(after, before.iter().map(place_of).collect::<Vec<_>>());
        // Only its own id, number and kind are left.
        let text = json!(after).to_string();
        for id in ["secret", "WEB", id(&team.task), id(&team.project), &team.mia.id.to_string()] {
            assert!(!text.contains(id), "{text}");
        }
        team.as_user(&team.mia).put(&member, None).await.ok(204);
        assert_eq!(inbox(&team.app, person).await, before, "who comes back sees it again");
    }
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn notifications_follow_a_moved_task(db: PgPool) {
    let team = Team::new(&db).await;
    team.change(&team.mia, json!({ "title": "A secret" })).await;
    team.app.tell_everyone().await;
    let lab = team.app.project(&team.mia, "LAB", &[&team.bob]).await;
    team.app.tell_everyone().await;
    let (bobs, cats) = (inbox(&team.app, &team.bob).await, inbox(&team.app, &team.cat).await);
    team.change(&team.mia, json!({ "project_id": id(&lab) })).await;
    let of_task = |one: &Value| !one["task_id"].is_null();

    let cats_now = inbox(&team.app, &team.cat).await;
    let hidden = cats.iter().map(|one| if of_task(one) { place_of(one) } else { one.clone() });
    assert_eq!(cats_now, hidden.collect::<Vec<_>>(), "being added to WEB stays to be seen");
    let bobs_now = inbox(&team.app, &team.bob).await;
    let moved = bobs.iter().cloned().map(|mut one| {
        if of_task(&one) {
            (one["project_id"], one["task_key"]) = (lab["id"].clone(), json!("LAB-1"));
        }
        one
    });
    assert_eq!(bobs_now, moved.collect::<Vec<_>>());
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn a_former_administrator_sees_redacted_notifications(db: PgPool) {
    let team = Team::new(&db).await;
    team.comment(&team.mia, "A secret").await;
    team.app.tell_everyone().await;
    let before = inbox(&team.app, &team.root).await;
    assert_eq!(each(&json!({ "items": before }), "body"), ["A secret"]);
    let role = async |role: &str| {
        team.app.sql(&format!("UPDATE users SET role = '{role}' WHERE id = '{}'", team.root.id)).await;
        inbox(&team.app, &team.root).await
    };
    assert_eq!(role("manager").await, [place_of(&before[0])]);
    assert_eq!(role("user").await, [place_of(&before[0])]);
    assert_eq!(role("admin").await, before);
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn notifications_of_a_deleted_task_stay_readable(db: PgPool) {
    let team = Team::new(&db).await;
    let before = inbox(&team.app, &team.bob).await;
    team.as_user(&team.ann).delete(&team.at("")).await.ok(204);
    assert_eq!(inbox(&team.app, &team.bob).await, before);
    team.as_user(&team.mia).delete(&format!("/v1/projects/{}", id(&team.project))).await.ok(204);
    assert_eq!(inbox(&team.app, &team.bob).await, before);
    // Deleted for good: members of its project still see the notification, but without the key.
    team.app.sql("DELETE FROM tasks").await;
    let now = inbox(&team.app, &team.bob).await;
    let mut expected = before.clone();
    expected[1]["task_key"] = json!(null);
    assert_eq!(now, expected);
    team.app.sql(&format!("DELETE FROM memberships WHERE user_id = '{}'", team.bob.id)).await;
    assert_eq!(inbox(&team.app, &team.bob).await, before.iter().map(place_of).collect::<Vec<_>>());
    assert!(before[1]["task_id"].as_str().unwrap().parse::<Uuid>().is_ok());
}

//! Why each notification is received.

use serde_json::{Value, json};
use shared::db::PgPool;

use super::{Team, team::mention};
use crate::support::{Person, id};

/// Returns the kind and the reason of a person's newest notification.
async fn newest(team: &Team, person: &Person) -> (String, Value) {
    let newest = team.newest(person).await;
    (newest["kind"].as_str().unwrap().to_owned(), newest["reason"].clone())
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn each_notification_states_the_first_reason_that_fits(db: PgPool) {
    let mut team = Team::new(&db).await;
    assert_eq!(newest(&team, &team.dan).await, ("added_to_project".into(), json!("member")));
    for person in [&team.ann, &team.bob, &team.cat, &team.dan] {
        team.as_user(person).put(&format!("/v1/projects/{}/watchers/me", id(&team.project)), None).await.ok(204);
        team.as_user(person).put(&team.at("/watchers/me"), None).await.ok(204);
    }
    team.as_user(&team.dan).delete(&team.at("/watchers/me")).await.ok(204);
    team.comment(&team.mia, "hi").await;
    team.news().await;
    let people = [&team.bob, &team.ann, &team.cat, &team.dan];
    for (person, reason) in people.into_iter().zip(["assignee", "creator", "watcher", "project_watcher"]) {
        assert_eq!(newest(&team, person).await, ("task_commented".into(), json!(reason)));
    }
    team.comment(&team.mia, &format!("{} {}", mention("Bob", &team.bob), mention("Dan", &team.dan))).await;
    team.news().await;
    for person in [&team.bob, &team.dan] {
        assert_eq!(newest(&team, person).await, ("mentioned".into(), json!("mentioned")));
    }
    team.change(&team.mia, json!({ "assignee_id": team.dan.id })).await;
    team.news().await;
    assert_eq!(newest(&team, &team.bob).await, ("task_unassigned".into(), json!("assignee")));
    assert_eq!(newest(&team, &team.dan).await, ("task_assigned".into(), json!("assignee")));

    // A project, and what left it.
    team.as_user(&team.mia).delete(&format!("/v1/projects/{}", id(&team.project))).await.ok(204);
    team.as_user(&team.mia).post(&format!("/v1/projects/{}/restore", id(&team.project)), None).await.ok(200);
    team.news().await;
    for (person, reason) in [(&team.dan, "assignee"), (&team.ann, "creator"), (&team.bob, "watcher")] {
        assert_eq!(newest(&team, person).await, ("task_updated".into(), json!(reason)));
    }
    let lab = team.app.project(&team.mia, "LAB", &[]).await;
    team.change(&team.mia, json!({ "project_id": id(&lab), "assignee_id": null })).await;
    team.news().await;
    for (person, reason) in [(&team.ann, "creator"), (&team.bob, "watcher"), (&team.root, "watcher")] {
        assert_eq!(newest(&team, person).await, ("task_updated".into(), json!(reason)));
    }
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn reports_and_deadlines_have_reasons_and_older_rows_have_none(db: PgPool) {
    let mut team = Team::new(&db).await;
    team.change(&team.mia, json!({ "due_at": "2040-01-01T00:00:00Z" })).await;
    team.news().await;
    let event = json!({ "event": "reminder", "task_id": id(&team.task), "due_at": "2040-01-01T00:00:00Z", "overdue": false,
                        "user_ids": [team.ann.id, team.bob.id, team.cat.id] });
    let report = uuid::Uuid::now_v7();
    let ready = json!({ "event": "report_ready", "report_id": report });
    team.app
        .sql(&format!(
            "INSERT INTO reports (id, user_id, kind, format, period_from, period_to, own_work, finished_at)
             VALUES ('{report}', '{}', 'workload', 'csv', now() - interval '1 day', now(), false, now());
             INSERT INTO outbox (id, queue, payload)
             VALUES (gen_random_uuid(), 'events', '{event}'), (gen_random_uuid(), 'events', '{ready}')",
            team.mia.id
        ))
        .await;
    team.news().await;
    for (person, kind, reason) in [
        (&team.ann, "task_due_soon", "creator"),
        (&team.bob, "task_due_soon", "assignee"),
        (&team.cat, "task_due_soon", "watcher"),
        (&team.mia, "report_ready", "requested"),
    ] {
        assert_eq!(newest(&team, person).await, (kind.to_owned(), json!(reason)));
    }
    team.app.sql("UPDATE notifications SET reason = NULL").await;
    assert_eq!(newest(&team, &team.mia).await.1, Value::Null);
}

//! `PUT` and `DELETE /v1/tasks/{id}/mute`.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;
use shared::db::PgPool;

use super::{Team, team::mention};
use crate::support::{Person, each, id};

const NOBODY: [&str; 0] = [];

async fn mute(team: &Team, people: &[&Person]) {
    for person in people {
        team.as_user(person).put(&team.at("/mute"), None).await.ok(204);
    }
}

/// Returns those of the news that this person got.
fn of(name: &str, news: Vec<String>) -> Vec<String> {
    news.into_iter().filter(|news| news.starts_with(name)).collect()
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn muting_is_personal_and_idempotent(db: PgPool) {
    let team = Team::new(&db).await;
    for (method, muted) in [("PUT", true), ("PUT", true), ("DELETE", false), ("DELETE", false), ("PUT", true)] {
        let before = team.as_user(&team.mia).get(&team.at("")).await;
        team.as_user(&team.ann).send(method, &team.at("/mute"), None).await.ok(204);
        let shown = team.as_user(&team.ann).get(&team.at("")).await;
        assert_eq!(shown.etag(), before.etag(), "it is no change of the task");
        assert_eq!(shown.ok(200)["muted"], muted);
        assert_eq!(each(&team.as_user(&team.ann).get("/v1/tasks").await.ok(200), "muted"), [muted]);
        assert_eq!(team.as_user(&team.mia).get(&team.at("")).await.ok(200)["muted"], false);
    }
    assert_eq!(team.app.unhandled().await.len(), 0, "nobody is told");
    team.as_user(&team.app.user("Eve").await).put(&team.at("/mute"), None).await.ok(404);
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn a_muted_task_tells_only_of_mentions_and_assignments(db: PgPool) {
    let mut team = Team::new(&db).await;
    let watch = format!("/v1/projects/{}/watchers/me", id(&team.project));
    team.as_user(&team.dan).put(&watch, None).await.ok(204);
    mute(&team, &[&team.ann, &team.bob, &team.cat, &team.dan, &team.root]).await;
    team.comment(&team.mia, "hi").await;
    team.change(&team.mia, json!({ "status": "in_progress" })).await;
    team.change(&team.mia, json!({ "assignee_id": null, "title": "Written" })).await;
    assert_eq!(team.news().await, NOBODY);

    team.comment(&team.mia, &mention("Dan", &team.dan)).await;
    assert_eq!(team.news().await, ["Dan mentioned: Mia mentioned you on WEB-1"]);
    team.change(&team.mia, json!({ "assignee_id": team.cat.id })).await;
    assert_eq!(team.news().await, ["Cat task_assigned: Mia assigned WEB-1 to you"]);
    team.as_user(&team.ann).delete(&team.at("/mute")).await.ok(204);
    team.comment(&team.mia, "hi").await;
    assert_eq!(team.news().await, ["Ann task_commented: Mia commented on WEB-1"]);

    // Other tasks of the watched project are not muted.
    let other = json!({ "title": "x", "project_id": id(&team.project) });
    team.app.task(&team.mia, other).await;
    assert_eq!(team.news().await, ["Dan task_created: Mia created WEB-2"]);
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn a_tree_is_muted_by_its_root_and_a_part_by_itself(db: PgPool) {
    let mut team = Team::new(&db).await;
    let part = json!({ "title": "p", "project_id": id(&team.project), "parent_id": id(&team.task), "assignee_id": team.dan.id });
    let part = team.app.task(&team.mia, part).await;
    team.news().await;
    // Dan is concerned with the part only, and Bob with the root.
    mute(&team, &[&team.bob]).await;
    team.as_user(&team.dan).put(&format!("/v1/tasks/{}/mute", id(&part)), None).await.ok(204);
    let told = |names: &[&str], what: &str| names.iter().map(|name| format!("{name} {what}")).collect::<Vec<_>>();
    team.as_user(&team.mia).delete(&team.at("")).await.ok(204);
    assert_eq!(team.news().await, told(&["Ann", "Cat", "Root"], "task_deleted: Mia deleted WEB-1 with 1 subtask"));
    team.as_user(&team.mia).post(&team.at("/restore"), None).await.ok(200);
    team.news().await;
    // A project, with all that it has.
    let project = format!("/v1/projects/{}", id(&team.project));
    team.as_user(&team.mia).delete(&project).await.ok(204);
    assert_eq!(team.news().await, told(&["Ann", "Cat", "Root"], "task_deleted: Mia deleted Project WEB with 2 tasks"));
    team.as_user(&team.mia).post(&format!("{project}/restore"), None).await.ok(200);
    team.news().await;
    // A move to where Dan sees the part, and Bob does not see the task.
    let lab = team.app.project(&team.mia, "LAB", &[&team.dan]).await;
    team.news().await;
    team.change(&team.mia, json!({ "project_id": id(&lab), "assignee_id": null })).await;
    let news = team.news().await;
    assert_eq!((of("Bob", news.clone()), of("Dan", news.clone())), (vec![], vec![]), "{news:?}");
    assert_eq!(of("Ann", news).len(), 1);
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn a_change_of_several_tasks_tells_watchers_of_the_project_who_muted_not_all(db: PgPool) {
    let mut team = Team::new(&db).await;
    team.as_user(&team.dan).put(&format!("/v1/projects/{}/watchers/me", id(&team.project)), None).await.ok(204);
    mute(&team, &[&team.dan]).await;
    let project = format!("/v1/projects/{}", id(&team.project));
    let restored = async |team: &mut Team| {
        team.as_user(&team.mia).delete(&project).await.ok(204);
        team.as_user(&team.mia).post(&format!("{project}/restore"), None).await.ok(200);
        of("Dan", team.news().await).len()
    };
    assert_eq!(restored(&mut team).await, 0);
    team.app.task(&team.mia, json!({ "title": "x", "project_id": id(&team.project) })).await;
    team.news().await;
    assert_eq!(restored(&mut team).await, 2);
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn deadlines_of_a_muted_task_remind_its_assignee_only(db: PgPool) {
    let mut team = Team::new(&db).await;
    mute(&team, &[&team.bob, &team.cat]).await;
    let due: DateTime<Utc> = Utc::now() + TimeDelta::days(3);
    team.change(&team.mia, json!({ "due_at": due })).await;
    team.news().await;
    team.app.sql("UPDATE reminders SET fire_at = now()").await;
    let mut tx = shared::db::Database::from(db.clone()).begin().await.unwrap();
    shared::db::reminders::fire(&mut tx, Utc::now(), 100).await.unwrap();
    tx.commit(&shared::queue::Queues::none()).await.unwrap();
    let told: Vec<String> = team.news().await.iter().map(|news| news.split(':').next().unwrap().to_owned()).collect();
    assert_eq!(told, ["Bob task_due_soon", "Root task_due_soon"]);
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn the_next_occurrence_is_muted_like_the_last(db: PgPool) {
    let team = Team::new(&db).await;
    mute(&team, &[&team.cat]).await;
    let rule = json!({ "rrule": "FREQ=DAILY", "time_zone": "UTC" });
    team.change(&team.mia, json!({ "due_at": "2030-01-01T00:00:00Z", "recurrence": rule })).await;
    team.as_user(&team.mia).put(&team.at("/status"), json!({ "status": "done" })).await.ok(200);
    let tasks = team.as_user(&team.cat).get("/v1/tasks").await.ok(200);
    assert_eq!(each(&tasks, "muted"), [true, true]);
}

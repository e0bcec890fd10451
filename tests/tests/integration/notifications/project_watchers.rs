//! `PUT` and `DELETE /v1/projects/{id}/watchers/me`.

use serde_json::{Value, json};
use shared::db::PgPool;

use super::Team;
use crate::support::{Person, each, id};

const NOBODY: [&str; 0] = [];

fn watchers(project: &Value) -> String {
    format!("/v1/projects/{}/watchers/me", id(project))
}

async fn watch(team: &Team, person: &Person) {
    team.as_user(person).put(&watchers(&team.project), None).await.ok(204);
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn watching_a_project_is_personal_and_idempotent(db: PgPool) {
    let team = Team::new(&db).await;
    let (at, dan) = (format!("/v1/projects/{}", id(&team.project)), &team.dan);
    for (method, watching) in [("PUT", true), ("PUT", true), ("DELETE", false), ("DELETE", false), ("PUT", true)] {
        let before = team.as_user(&team.mia).get(&at).await;
        team.as_user(dan).send(method, &watchers(&team.project), None).await.ok(204);
        let shown = team.as_user(dan).get(&at).await;
        assert_eq!(shown.etag(), before.etag(), "it is no change of the project");
        assert_eq!(shown.ok(200)["watching"], watching);
        let listed = team.as_user(dan).get("/v1/projects").await.ok(200);
        let listed =
            listed["items"].as_array().unwrap().iter().find(|one| one["id"] == team.project["id"]).unwrap().clone();
        assert_eq!(listed["watching"], watching);
        assert_eq!(team.as_user(&team.mia).get(&at).await.ok(200)["watching"], false);
    }
    let changed = team.as_user(&team.mia).patch(&at, json!({ "name": "New" })).await.ok(200);
    assert_eq!(changed["watching"], false);

    // Everyone may watch their own Inbox, and nobody that of others.
    let inboxes = team.as_user(&team.root).get("/v1/projects?limit=200").await.ok(200);
    let inbox = |person: &Person| {
        let all = inboxes["items"].as_array().unwrap().iter();
        all.clone().find(|one| one["personal"] == true && one["owner_id"] == json!(person.id)).unwrap().clone()
    };
    team.as_user(&team.ann).put(&watchers(&inbox(&team.ann)), None).await.ok(204);
    team.as_user(&team.bob).put(&watchers(&inbox(&team.ann)), None).await.ok(404);
    let refused = team.as_user(&team.root).put(&watchers(&inbox(&team.ann)), None).await.ok(409);
    assert_eq!(refused["code"], "personal_project");
    team.as_user(&team.root).put(&watchers(&inbox(&team.root)), None).await.ok(204);
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn watchers_of_a_project_are_told_of_everything_in_it(db: PgPool) {
    let mut team = Team::new(&db).await;
    watch(&team, &team.dan).await;
    watch(&team, &team.cat).await;
    let new = json!({ "title": "x", "project_id": id(&team.project), "assignee_id": team.bob.id });
    let task = team.app.task(&team.ann, new).await;
    let created = ["Cat", "Dan"].map(|name| format!("{name} task_created: Ann created WEB-2"));
    assert_eq!(team.news().await, ["Bob task_assigned: Ann assigned WEB-2 to you", &*created[0], &*created[1]]);
    assert_eq!(team.newest(&team.dan).await["reason"], "project_watcher");

    let dans = async |team: &mut Team| -> Vec<String> {
        team.news().await.into_iter().filter_map(|news| Some(news.strip_prefix("Dan ")?.to_owned())).collect()
    };
    team.comment(&team.mia, "hi").await;
    team.change(&team.mia, json!({ "status": "done" })).await;
    team.change(&team.mia, json!({ "title": "Written" })).await;
    team.as_user(&team.mia).delete(&format!("/v1/tasks/{}", id(&task))).await.ok(204);
    let told = [
        "task_commented: Mia commented on WEB-1",
        "task_status_changed: Mia set WEB-1 to done",
        "task_updated: Mia changed WEB-1: title",
        "task_deleted: Mia deleted WEB-2",
    ];
    assert_eq!(dans(&mut team).await, told);
    // Away, to where he sees it, and to where he does not; and back.
    let lab = team.app.project(&team.mia, "LAB", &[&team.dan]).await;
    let own = team.app.project(&team.mia, "OWN", &[]).await;
    team.news().await;
    team.change(&team.mia, json!({ "project_id": id(&lab), "assignee_id": null })).await;
    assert_eq!(dans(&mut team).await, ["task_updated: Mia moved a task, which is LAB-1 now"]);
    team.change(&team.mia, json!({ "title": "There" })).await;
    assert_eq!(dans(&mut team).await, NOBODY, "he does not watch that project");
    team.change(&team.mia, json!({ "project_id": id(&team.project) })).await;
    assert_eq!(dans(&mut team).await, ["task_updated: Mia moved a task, which is WEB-3 now"]);
    team.change(&team.mia, json!({ "project_id": id(&own) })).await;
    assert_eq!(dans(&mut team).await, ["task_updated: Mia moved WEB-3 to another project"]);
    assert_eq!(team.newest(&team.dan).await["reason"], "project_watcher");

    team.as_user(&team.mia).delete(&format!("/v1/projects/{}", id(&team.project))).await.ok(204);
    team.news().await;
    team.as_user(&team.mia).post(&format!("/v1/projects/{}/restore", id(&team.project)), None).await.ok(200);
    team.news().await;
    team.as_user(&team.dan).delete(&watchers(&team.project)).await.ok(204);
    team.app.task(&team.mia, json!({ "title": "x", "project_id": id(&team.project) })).await;
    assert_eq!(team.news().await, ["Cat task_created: Mia created WEB-4"]);
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn watching_ends_with_the_access(db: PgPool) {
    let mut team = Team::new(&db).await;
    for person in [&team.dan, &team.root, &team.cat] {
        watch(&team, person).await;
    }
    let members = format!("/v1/projects/{}/members/", id(&team.project));
    team.as_user(&team.mia).put(&format!("{members}{}", team.cat.id), json!({ "role": "viewer" })).await.ok(204);
    team.as_user(&team.mia).delete(&format!("{members}{}", team.dan.id)).await.ok(204);
    let other = team.app.admin("Other").await;
    team.as_user(&other).patch(&format!("/v1/users/{}", team.root.id), json!({ "role": "user" })).await.ok(200);
    assert_eq!(team.app.count("project_watchers").await, 1, "a viewer watches on");
    team.news().await;
    for person in [&team.dan, &team.root] {
        team.as_user(&team.mia).put(&format!("{members}{}", person.id), None).await.ok(204);
    }
    team.news().await;
    team.app.task(&team.mia, json!({ "title": "x", "project_id": id(&team.project) })).await;
    assert_eq!(team.news().await, ["Cat task_created: Mia created WEB-2"]);
    // Access is checked again on delivery.
    team.app.task(&team.mia, json!({ "title": "y", "project_id": id(&team.project) })).await;
    team.app.sql(&format!("DELETE FROM memberships WHERE user_id = '{}'", team.cat.id)).await;
    assert_eq!(team.news().await, NOBODY);
    assert_eq!(each(&team.as_user(&team.mia).get("/v1/tasks").await.ok(200), "watching").len(), 3);
}

//! Who is notified: everyone concerned, once; never the person who made the change, and nobody without access.

use serde_json::{Value, json};
use shared::db::PgPool;

use super::{Team, team::mention};
use crate::support::id;

const NOBODY: [&str; 0] = [];

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn a_new_task_notifies_its_assignee(db: PgPool) {
    let mut team = Team::new(&db).await;
    let new = |assignee: Value| json!({ "title": "x", "project_id": id(&team.project), "assignee_id": assignee });
    let (bobs, anns, nobodys) = (new(json!(team.bob.id)), new(json!(team.ann.id)), new(json!(null)));
    team.app.task(&team.ann, bobs).await;
    team.app.task(&team.ann, anns).await;
    team.app.task(&team.ann, nobodys).await;
    team.app.task(&team.ann, json!({ "title": "in my Inbox", "assignee_id": team.ann.id })).await;
    assert_eq!(team.news().await, ["Bob task_assigned: Ann assigned WEB-2 to you"]);
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn an_assignment_notifies_both_assignees_and_watchers(db: PgPool) {
    let mut team = Team::new(&db).await;
    team.as_user(&team.mia).put(&team.at("/assignee"), json!({ "assignee_id": team.dan.id })).await.ok(200);
    let others = ["Ann", "Cat", "Root"].map(|name| format!("{name} task_updated: Mia changed WEB-1: assignee"));
    let (bob, dan) =
        ("Bob task_unassigned: Mia unassigned you from WEB-1", "Dan task_assigned: Mia assigned WEB-1 to you");
    assert_eq!(team.news().await, [&*others[0], bob, &*others[1], dan, &*others[2]]);

    // An assignee who gives a task away, or takes it, is not notified.
    team.change(&team.dan, json!({ "assignee_id": null })).await;
    let others = ["Ann", "Cat", "Root"].map(|name| format!("{name} task_updated: Dan changed WEB-1: assignee"));
    assert_eq!(team.news().await, others);
    team.change(&team.ann, json!({ "assignee_id": team.ann.id })).await;
    let others = ["Cat", "Root"].map(|name| format!("{name} task_updated: Ann changed WEB-1: assignee"));
    assert_eq!(team.news().await, others);
    team.change(&team.mia, json!({ "assignee_id": null })).await;
    let others = ["Cat", "Root"].map(|name| format!("{name} task_updated: Mia changed WEB-1: assignee"));
    assert_eq!(team.news().await, ["Ann task_unassigned: Mia unassigned you from WEB-1", &*others[0], &*others[1]]);
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn a_change_notifies_creator_assignee_and_watchers(db: PgPool) {
    let mut team = Team::new(&db).await;
    team.as_user(&team.bob).put(&team.at("/status"), json!({ "status": "in_progress" })).await.ok(200);
    let told = ["Ann", "Cat", "Root"].map(|name| format!("{name} task_status_changed: Bob set WEB-1 to in progress"));
    assert_eq!(team.news().await, told);

    team.change(&team.ann, json!({ "due_at": "2030-01-01T00:00:00Z", "labels": ["a"], "parent_id": null })).await;
    let told = ["Bob", "Cat", "Root"].map(|name| format!("{name} task_updated: Ann changed WEB-1: due date, labels"));
    assert_eq!(team.news().await, told);

    team.change(&team.mia, json!({ "status": "done", "assignee_id": team.dan.id, "title": "Written" })).await;
    let status = |name: &str| format!("{name} task_status_changed: Mia set WEB-1 to done");
    let (bob, dan) =
        ("Bob task_unassigned: Mia unassigned you from WEB-1", "Dan task_assigned: Mia assigned WEB-1 to you");
    assert_eq!(team.news().await, [&*status("Ann"), bob, &*status("Cat"), dan, &*status("Root")]);

    // A request that changes nothing notifies nobody, and neither do changes after a person stopped watching.
    team.change(&team.mia, json!({ "status": "done" })).await;
    for watcher in [&team.cat, &team.root] {
        team.as_user(watcher).delete(&team.at("/watchers/me")).await.ok(204);
    }
    team.change(&team.ann, json!({ "priority": "urgent" })).await;
    assert_eq!(team.news().await, ["Dan task_updated: Ann changed WEB-1: priority"]);
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn a_move_names_the_target_only_to_those_who_may_see_it(db: PgPool) {
    let mut team = Team::new(&db).await;
    let lab = team.app.project(&team.mia, "LAB", &[&team.ann, &team.bob]).await;
    team.news().await;
    team.change(&team.mia, json!({ "project_id": id(&lab), "title": "A secret" })).await;
    let told = |name: &str| format!("{name} task_updated: Mia moved a task, which is LAB-1 now");
    let cats = "Cat task_updated: Mia moved WEB-1 to another project".to_owned();
    assert_eq!(team.news().await, [told("Ann"), told("Bob"), cats, told("Root")]);
    let newest = team.newest(&team.cat).await;
    assert_eq!((&newest["body"], &newest["project_id"]), (&json!("Write"), &team.project["id"]));
    assert!(!newest.to_string().contains("LAB") && !newest.to_string().contains(id(&lab)), "{newest}");
    // Cat no longer watches it, even after she joins the new project.
    team.as_user(&team.mia).put(&format!("/v1/projects/{}/members/{}", id(&lab), team.cat.id), None).await.ok(204);
    team.change(&team.mia, json!({ "title": "Once more" })).await;
    let cats: Vec<String> = team.news().await.into_iter().filter(|news| news.starts_with("Cat")).collect();
    assert_eq!(cats, ["Cat added_to_project: Mia added you to Project LAB"]);

    // After a move into an Inbox the others no longer have access.
    team.as_user(&team.root).delete(&team.at("/watchers/me")).await.ok(204);
    team.change(&team.ann, json!({ "project_id": inbox_of_ann(&team).await, "assignee_id": null })).await;
    let told = ["Bob task_updated: Ann moved LAB-1 to another project"];
    assert_eq!(team.news().await, told);
}

/// Returns the id of Ann's Inbox.
async fn inbox_of_ann(team: &Team) -> uuid::Uuid {
    team.app.one(&format!("SELECT id FROM projects WHERE personal AND owner_id = '{}'", team.ann.id)).await
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn a_change_of_a_tree_or_a_project_notifies_once(db: PgPool) {
    let mut team = Team::new(&db).await;
    let part = |assignee: &crate::support::Person| {
        json!({
            "title": "part", "project_id": id(&team.project), "parent_id": id(&team.task), "assignee_id": assignee.id,
        })
    };
    // Dan is concerned with a subtask only.
    let (dans, bobs) = (part(&team.dan), part(&team.bob));
    let dans = team.app.task(&team.mia, dans).await;
    team.app.task(&team.mia, bobs).await;
    team.news().await;
    let told = |names: &[&str], what: &str| names.iter().map(|name| format!("{name} {what}")).collect::<Vec<_>>();
    let events = async |team: &Team| team.app.count("outbox WHERE payload->>'event' <> 'project_changed'").await;
    let others = ["Ann", "Bob", "Cat", "Dan", "Root"];
    let before = events(&team).await;

    team.as_user(&team.mia).delete(&team.at("")).await.ok(204);
    assert_eq!(team.news().await, told(&others, "task_deleted: Mia deleted WEB-1 with 2 subtasks"));
    team.as_user(&team.mia).post(&team.at("/restore"), None).await.ok(200);
    assert_eq!(team.news().await, told(&others, "task_updated: Mia restored WEB-1 with 2 subtasks"));
    let project = format!("/v1/projects/{}", id(&team.project));
    team.as_user(&team.mia).delete(&project).await.ok(204);
    assert_eq!(team.news().await, told(&others, "task_deleted: Mia deleted Project WEB with 3 tasks"));
    team.as_user(&team.mia).post(&format!("{project}/restore"), None).await.ok(200);
    assert_eq!(team.news().await, told(&others, "task_updated: Mia restored Project WEB with 3 tasks"));
    assert_eq!(events(&team).await, before + 4, "an event each");

    let lab = team.app.project(&team.mia, "LAB", &[&team.bob, &team.dan]).await;
    team.news().await;
    team.change(&team.mia, json!({ "project_id": id(&lab) })).await;
    let (moved, left) = (
        "task_updated: Mia moved a task with 2 subtasks, which is LAB-1 now",
        "task_updated: Mia moved WEB-1 with 2 subtasks to another project",
    );
    let news = [("Ann", left), ("Bob", moved), ("Cat", left), ("Dan", moved), ("Root", moved)];
    assert_eq!(team.news().await, news.map(|(name, what)| format!("{name} {what}")));
    team.as_user(&team.mia).delete(&format!("/v1/projects/{}/members/{}", id(&lab), team.bob.id)).await.ok(204);
    let removed = "task_updated: Mia removed Bob, the assignee of 2 tasks, from Project LAB";
    assert_eq!(team.news().await, told(&["Root"], removed));
    // Each task has its own history.
    let activity = team.as_user(&team.mia).get(&format!("/v1/tasks/{}/activity", id(&dans))).await.ok(200);
    assert_eq!(
        crate::support::each(&activity, "kind"),
        ["moved", "restored", "deleted", "restored", "deleted", "created"]
    );
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn events_in_the_former_format_notify_per_task(db: PgPool) {
    let mut team = Team::new(&db).await;
    team.as_user(&team.mia).delete(&team.at("")).await.ok(204);
    team.app.sql("UPDATE outbox SET payload = payload - 'parts' WHERE handled_at IS NULL").await;
    let told = ["Ann", "Bob", "Cat", "Root"].map(|name| format!("{name} task_deleted: Mia deleted WEB-1"));
    assert_eq!(team.news().await, told);
    let event = json!({
        "event": "added_to_project", "project_id": id(&team.project), "user_id": team.dan.id, "actor_id": team.mia.id,
    });
    team.app
        .sql(&format!("INSERT INTO outbox (id, queue, payload) VALUES (gen_random_uuid(), 'events', '{event}')"))
        .await;
    assert_eq!(team.news().await, ["Dan added_to_project: Mia added you to Project WEB"]);
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn a_comment_notifies_watchers_and_mentioned_members(db: PgPool) {
    let mut team = Team::new(&db).await;
    let eve = team.app.user("Eve").await;
    let body = format!("{} {} {} hi", mention("Dan", &team.dan), mention("Bob", &team.bob), mention("Cat", &team.cat));
    let body = format!("{body} {} {} @Mia", mention("Eve", &eve), mention("Cat", &team.cat));
    let comment = team.comment(&team.cat, &body).await;
    let told = [
        "Ann task_commented: Cat commented on WEB-1",
        "Bob mentioned: Cat mentioned you on WEB-1",
        "Dan mentioned: Cat mentioned you on WEB-1",
        "Root task_commented: Cat commented on WEB-1",
    ];
    assert_eq!(team.news().await, told);
    assert_eq!(team.app.told(&eve).await, NOBODY, "a name in a comment opens no door");

    // A changed comment notifies newly mentioned people only, a deleted one nobody.
    let at = format!("/v1/comments/{}", id(&comment));
    team.as_user(&team.cat).patch(&at, json!({ "body": format!("{body}!") })).await.ok(200);
    assert_eq!(team.news().await, NOBODY);
    team.as_user(&team.cat)
        .patch(&at, json!({ "body": format!("{body} {}", mention("Mia", &team.mia)) }))
        .await
        .ok(200);
    assert_eq!(team.news().await, ["Mia mentioned: Cat mentioned you on WEB-1"]);
    team.as_user(&team.cat).patch(&at, json!({ "body": mention("Dan", &team.dan) })).await.ok(200);
    assert_eq!(team.news().await, NOBODY);
    team.as_user(&team.mia).delete(&at).await.ok(204);
    assert_eq!(team.news().await, NOBODY);
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn new_members_are_notified_and_removed_members_are_not(db: PgPool) {
    let mut team = Team::new(&db).await;
    let lab = team.app.project(&team.mia, "LAB", &[]).await;
    let member = |person| format!("/v1/projects/{}/members/{person}", id(&lab));
    for _ in 0..2 {
        team.as_user(&team.mia).put(&member(team.dan.id), None).await.ok(204);
        team.as_user(&team.root).put(&member(team.root.id), None).await.ok(204);
    }
    assert_eq!(team.news().await, ["Dan added_to_project: Mia added you to Project LAB"], "nobody tells themselves");

    let web = format!("/v1/projects/{}/members/", id(&team.project));
    team.as_user(&team.mia).delete(&format!("{web}{}", team.bob.id)).await.ok(204);
    let told = ["Ann", "Cat", "Root"]
        .map(|name| format!("{name} task_updated: Mia removed Bob, the assignee of 1 task, from Project WEB"));
    assert_eq!(team.news().await, told);
    team.as_user(&team.mia).delete(&format!("{web}{}", team.ann.id)).await.ok(204);
    team.comment(&team.mia, &format!("{} {}", mention("Ann", &team.ann), mention("Bob", &team.bob))).await;
    let told = ["Cat", "Root"].map(|name| format!("{name} task_commented: Mia commented on WEB-1"));
    assert_eq!(team.news().await, told, "not even who created it");
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn late_events_notify_only_those_who_may_still_see_them(db: PgPool) {
    let team = Team::new(&db).await;
    team.change(&team.ann, json!({ "status": "done" })).await;
    team.as_user(&team.mia).put(&team.at("/assignee"), json!({ "assignee_id": team.dan.id })).await.ok(200);
    let lab = team.app.project(&team.mia, "LAB", &[&team.dan]).await;
    for (project, person) in [(&team.project, &team.dan), (&lab, &team.dan)] {
        let member = format!("/v1/projects/{}/members/{}", id(project), person.id);
        team.as_user(&team.mia).delete(&member).await.ok(204);
    }
    for person in [&team.cat, &team.bob] {
        team.as_user(&team.root).patch(&format!("/v1/users/{}", person.id), json!({ "active": false })).await.ok(200);
    }
    team.app.tell_everyone().await;
    let told = |name: &str| format!("notifications n JOIN users u ON u.id = user_id WHERE u.name = '{name}'");
    assert_eq!(team.app.count(&told("Dan")).await, 1, "only of being added to WEB, of which he was told in time");
    assert_eq!(team.app.count(&told("Cat")).await, 1, "nothing since she is no longer active");
    assert_eq!(team.app.count(&told("Bob")).await, 2, "nothing since he is no longer active");
    assert_eq!(team.app.count(&told("Root")).await, 3, "of everything, as he watches it");
}

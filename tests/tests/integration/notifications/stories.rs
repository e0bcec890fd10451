//! The content of notifications.

use serde_json::json;
use shared::db::PgPool;

use super::{Team, team::mention};
use crate::support::id;

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn a_notification_says_what_happened_and_where(db: PgPool) {
    let team = Team::new(&db).await;
    team.change(&team.mia, json!({ "status": "done", "title": "Written" })).await;
    let event: uuid::Uuid = team.app.one("SELECT id FROM activity ORDER BY id DESC LIMIT 1").await;
    // The change is shown as it happened, with the current data of the task.
    team.as_user(&team.mia).patch("/v1/users/me", json!({ "name": "Mia M." })).await.ok(200);
    team.app.tell_everyone().await;
    let told = team.newest(&team.bob).await;
    let mut expected = json!({
        "seq": 3,
        "kind": "task_status_changed",
        "reason": "assignee",
        "task_id": id(&team.task),
        "task_key": "WEB-1",
        "project_id": id(&team.project),
        "actor_id": team.mia.id,
        "title": "Mia M. set WEB-1 to done",
        "body": "Written",
        "data": { "activity_id": event, "changes": [
            { "field": "title", "from": "Write", "to": "Written" },
            { "field": "status", "from": "todo", "to": "done" },
        ] },
        "read_at": null,
        "archived_at": null,
        "snoozed_until": null,
    });
    for field in ["id", "created_at"] {
        expected[field] = told[field].clone();
    }
    assert_eq!(told, expected);
    assert_eq!((&told["id"], &told["created_at"]), (&json!(id(&told)), &expected["created_at"]));

    let lab = team.app.project(&team.mia, "LAB", &[&team.bob]).await;
    team.app.tell_everyone().await;
    let told = team.newest(&team.bob).await;
    let fields = ["kind", "task_id", "task_key", "project_id", "actor_id", "title", "body", "data"];
    let said: Vec<_> = fields.iter().map(|field| told[field].clone()).collect();
    let expected = json!([
        "added_to_project",
        null,
        null,
        id(&lab),
        team.mia.id,
        "Mia M. added you to Project LAB",
        "Project LAB",
        {}
    ]);
    assert_eq!(json!(said), expected);
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn long_texts_are_omitted_or_shortened(db: PgPool) {
    let team = Team::new(&db).await;
    team.change(&team.mia, json!({ "description": "a secret of 20,000 characters" })).await;
    team.app.tell_everyone().await;
    let told = team.newest(&team.bob).await;
    assert_eq!(told["title"], "Mia changed WEB-1: description");
    assert_eq!(told["data"]["changes"], json!([{ "field": "description" }]));
    assert_eq!(team.app.count("notifications n WHERE n::text LIKE '%a secret%'").await, 0);

    let body = format!("{}:\n\n> *{}*", mention("Bob", &team.bob), "é".repeat(400));
    let comment = team.comment(&team.mia, &body).await;
    team.app.tell_everyone().await;
    for person in [&team.bob, &team.ann] {
        let told = team.newest(person).await;
        assert_eq!(told["body"], format!("@Bob: > *{}…", "é".repeat(280 - 9)));
        assert_eq!(told["data"]["changes"], json!([{ "field": "comment" }]));
        assert_eq!(told["data"]["comment_id"], comment["id"]);
    }
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn a_notification_shows_the_current_text_of_a_comment(db: PgPool) {
    let team = Team::new(&db).await;
    let (changed, deleted) = (team.comment(&team.mia, "first").await, team.comment(&team.mia, "regretted").await);
    let at = |comment| format!("/v1/comments/{}", id(comment));
    team.as_user(&team.mia).patch(&at(&changed), json!({ "body": "second" })).await.ok(200);
    team.as_user(&team.mia).delete(&at(&deleted)).await.ok(204);
    team.app.tell_everyone().await;
    let told = team.app.inbox(&team.bob, 2).await;
    assert_eq!(told.iter().map(|one| &one["body"]).collect::<Vec<_>>(), ["second", "Write"]);
    assert_eq!(team.app.count("notifications n WHERE n::text LIKE '%regretted%'").await, 0);
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn a_notification_kind_of_a_newer_version_is_shown_unchanged(db: PgPool) {
    let team = Team::new(&db).await;
    team.comment(&team.mia, "Hello").await;
    team.app.tell_everyone().await;
    sqlx::query("UPDATE notifications SET kind = 'task_praised'").execute(&db).await.unwrap();
    assert_eq!(team.newest(&team.bob).await["kind"], "task_praised");
}

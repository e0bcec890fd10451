//! Mentions: each text notifies a mentioned person once, wherever the mention is.

use serde_json::json;
use shared::db::PgPool;

use super::{Team, team::mention};
use crate::support::id;

const NOBODY: [&str; 0] = [];

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn repeated_edits_of_a_comment_notify_a_person_once(db: PgPool) {
    let mut team = Team::new(&db).await;
    let dan = mention("Dan", &team.dan);
    let comment = team.comment(&team.cat, "hi").await;
    team.news().await;
    let at = format!("/v1/comments/{}", id(&comment));
    let edit = async |team: &mut Team, body: String| {
        team.as_user(&team.cat).patch(&at, json!({ "body": body })).await.ok(200);
        team.news().await
    };
    assert_eq!(edit(&mut team, format!("hi {dan}")).await, ["Dan mentioned: Cat mentioned you on WEB-1"]);
    for _ in 0..3 {
        assert_eq!(edit(&mut team, "hi".into()).await, NOBODY);
        assert_eq!(edit(&mut team, format!("{dan}, hi")).await, NOBODY, "he was told");
    }
    // Another mentioned person is notified, and a new comment notifies him again.
    let both = format!("{dan} and {}", mention("Mia", &team.mia));
    assert_eq!(edit(&mut team, both.clone()).await, ["Mia mentioned: Cat mentioned you on WEB-1"]);
    team.comment(&team.cat, &both).await;
    let told: Vec<_> = team.news().await.into_iter().filter(|news| news.contains("mentioned:")).collect();
    assert_eq!(told, ["Dan", "Mia"].map(|name| format!("{name} mentioned: Cat mentioned you on WEB-1")));
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn edits_handled_late_and_together_notify_a_person_once(db: PgPool) {
    let mut team = Team::new(&db).await;
    let (dan, eve) = (mention("Dan", &team.dan), team.app.user("Eve").await);
    let comment = team.comment(&team.cat, &dan).await;
    for body in ["-", &dan, "-", &mention("Eve", &eve), &dan] {
        team.as_user(&team.cat).patch(&format!("/v1/comments/{}", id(&comment)), json!({ "body": body })).await.ok(200);
    }
    let told: Vec<_> = team.news().await.into_iter().filter(|news| news.starts_with("Dan")).collect();
    assert_eq!(told, ["Dan mentioned: Cat mentioned you on WEB-1"]);

    // A mentioned person without access is not notified, and can be notified once they have access.
    assert_eq!(team.app.told(&eve).await, NOBODY);
    team.as_user(&team.mia).put(&format!("/v1/projects/{}/members/{}", id(&team.project), eve.id), None).await.ok(204);
    for body in ["-", &mention("Eve", &eve), "-", &mention("Eve", &eve)] {
        team.as_user(&team.cat).patch(&format!("/v1/comments/{}", id(&comment)), json!({ "body": body })).await.ok(200);
    }
    team.app.tell_everyone().await;
    let eves = ["added_to_project: Mia added you to Project WEB", "mentioned: Cat mentioned you on WEB-1"];
    assert_eq!(team.app.told(&eve).await, eves);
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn mentions_in_code_quotes_or_escapes_notify_nobody(db: PgPool) {
    let mut team = Team::new(&db).await;
    let dan = mention("Dan", &team.dan);
    let texts = [
        format!("`{dan}`"),
        format!("```\n{dan}\n```"),
        format!("    {dan}"),
        format!("> {dan}"),
        format!("\\{dan}"),
        dan.replace('[', "\\["),
    ];
    for text in &texts {
        let comment = team.comment(&team.mia, text).await;
        team.as_user(&team.mia).patch(&format!("/v1/comments/{}", id(&comment)), json!({ "body": "x" })).await.ok(200);
        team.as_user(&team.mia).patch(&format!("/v1/comments/{}", id(&comment)), json!({ "body": text })).await.ok(200);
        team.change(&team.mia, json!({ "description": text })).await;
        team.app.task(&team.mia, json!({ "title": "x", "project_id": id(&team.project), "description": text })).await;
    }
    let dans: Vec<_> = team.news().await.into_iter().filter(|news| news.starts_with("Dan")).collect();
    assert_eq!(dans, NOBODY);
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn mentions_in_a_description_notify_once(db: PgPool) {
    let mut team = Team::new(&db).await;
    let (dan, bob, eve) = (mention("Dan", &team.dan), mention("Bob", &team.bob), team.app.user("Eve").await);
    let description = format!("{dan} {bob} {} {}", mention("Mia", &team.mia), mention("Eve", &eve));
    let new = json!({
        "title": "x", "project_id": id(&team.project), "assignee_id": team.bob.id, "description": description,
        "due_at": "2030-01-01T00:00:00Z", "recurrence": { "rrule": "FREQ=DAILY", "time_zone": "UTC" },
    });
    let task = team.app.task(&team.mia, new).await;
    let told = [
        "Bob task_assigned: Mia assigned WEB-2 to you",
        "Dan mentioned: Mia mentioned you in the description of WEB-2",
    ];
    assert_eq!(team.news().await, told, "she wrote it herself, and to whom it is given, that matters more");
    assert_eq!(team.app.told(&eve).await, NOBODY, "a name in a description opens no door");
    assert_eq!(team.newest(&team.dan).await["body"], "x", "the description is not repeated");

    let path = format!("/v1/tasks/{}", id(&task));
    let change = async |team: &mut Team, patch: serde_json::Value| {
        team.as_user(&team.mia).patch(&path, patch).await.ok(200);
        team.news().await.into_iter().filter(|news| !news.starts_with("Bob")).collect::<Vec<_>>()
    };
    for description in ["", &dan, "-", &dan] {
        assert_eq!(change(&mut team, json!({ "description": description })).await, NOBODY);
    }
    let cat = json!({ "description": format!("{dan} {}", mention("Cat", &team.cat)), "priority": "high" });
    assert_eq!(change(&mut team, cat).await, ["Cat mentioned: Mia mentioned you in the description of WEB-2"]);
    // A comment is another text. The next occurrence repeats a text that was written before.
    team.as_user(&team.mia).post(&format!("{path}/comments"), json!({ "body": dan })).await.ok(201);
    let told = change(&mut team, json!({ "status": "done" })).await;
    assert_eq!(told, ["Dan mentioned: Mia mentioned you on WEB-2"]);
    assert_eq!(team.app.count("tasks WHERE description LIKE '%@[Cat]%'").await, 2);
}

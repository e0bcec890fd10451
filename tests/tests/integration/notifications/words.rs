//! The text of mails: old and new values, as the reader may see them.

use serde_json::{Value, json};
use shared::db::PgPool;

use super::Team;
use crate::support::{Letter, Person, Post, id};

/// Confirms the person's address, and sets their time zone and immediate mails of every kind.
async fn eager(team: &Team, person: &Person) {
    team.app.sql(&format!("UPDATE users SET email_verified_at = now() WHERE id = '{}'", person.id)).await;
    team.as_user(person).patch("/v1/users/me", json!({ "time_zone": "Asia/Kolkata" })).await.ok(200);
    let mut preferences = team.as_user(person).get("/v1/notification-preferences").await.ok(200);
    for kind in preferences["kinds"].as_object_mut().unwrap().values_mut() {
        kind["email"] = json!("immediate");
    }
    preferences["daily_summary_at"] = json!(null);
    team.as_user(person).put("/v1/notification-preferences", preferences).await.ok(200);
}

/// Checks that a mail has these lines in sequence, as text and as HTML.
#[track_caller]
fn says(letter: &Letter, lines: &[&str]) {
    let block = lines.iter().flat_map(|line| ["  ", line, "\n"]).collect::<String>();
    assert!(letter.text.contains(&block), "{block}is not in\n{}", letter.text);
    let escaped = lines.iter().map(|line| line.replace('<', "&#60;").replace('>', "&#62;")).collect::<Vec<_>>();
    assert!(letter.html.contains(&escaped.join("<br>")), "{escaped:?} is not in\n{}", letter.html);
}

async fn changed(team: &Team, post: &Post, reader: &Person, patch: Value) -> Letter {
    team.change(&team.mia, patch).await;
    team.app.tell_everyone().await;
    post.deliver(&team.app, reader).await.pop().unwrap()
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn a_mail_about_a_change_shows_old_and_new_values(db: PgPool) {
    let (team, post) = (Team::new(&db).await, Post::open(&db).await);
    eager(&team, &team.cat).await;
    let epic = team.app.task(&team.mia, json!({ "title": "Epic", "project_id": id(&team.project) })).await;
    let patch = json!({
        "title": "<b>Written</b>", "description": "a secret of 20,000 characters", "priority": "urgent", "labels": ["a", "b"],
        "due_at": "2030-01-01T20:00:00Z", "parent_id": id(&epic),
        "recurrence": { "rrule": "FREQ=DAILY", "time_zone": "Europe/Berlin" },
    });
    let letter = changed(&team, &post, &team.cat, patch).await;
    assert_eq!(letter.subject, "[WEB-1] <b>Written</b>");
    let lines = [
        "Title: Write → <b>Written</b>",
        "Description: changed",
        "Priority: medium → urgent",
        "Due date: none → 2 January 2030 at 01:30",
        "Parent task: none → WEB-2 Epic",
        "Labels: none → a, b",
        "Recurrence: none → FREQ=DAILY (Europe/Berlin)",
    ];
    says(&letter, &lines);
    assert!(!letter.text.contains("secret") && !letter.html.contains("secret"));

    // A mail of several changes shows each of them.
    team.change(&team.mia, json!({ "due_at": "2030-01-02T20:00:00Z" })).await;
    team.app.tell_everyone().await;
    let patch = json!({ "status": "in_progress", "assignee_id": team.dan.id, "labels": null, "parent_id": null });
    let letter = changed(&team, &post, &team.cat, patch).await;
    says(&letter, &["Due date: 2 January 2030 at 01:30 → 3 January 2030 at 01:30"]);
    let lines =
        ["Status: todo → in progress", "Assignee: Bob → Dan", "Parent task: WEB-2 Epic → none", "Labels: a, b → none"];
    says(&letter, &lines);
    // The body of a comment is shown below its headline, without any changes.
    team.comment(&team.mia, "Done by Friday.").await;
    team.app.tell_everyone().await;
    let letter = post.deliver(&team.app, &team.cat).await.pop().unwrap();
    assert!(letter.text.contains("- Mia commented on WEB-1\n  Done by Friday.\n\n"), "{}", letter.text);
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn a_mail_about_an_assignment_shows_the_due_date(db: PgPool) {
    let (team, post) = (Team::new(&db).await, Post::open(&db).await);
    eager(&team, &team.dan).await;
    let new = |due_at: Value| json!({ "title": "x", "project_id": id(&team.project), "assignee_id": team.dan.id, "due_at": due_at });
    team.app.task(&team.mia, new(json!("2030-01-01T20:00:00Z"))).await;
    team.app.tell_everyone().await;
    let letter = post.deliver(&team.app, &team.dan).await.pop().unwrap();
    assert!(
        letter.text.contains("- Mia assigned WEB-2 to you\n  Due date: 2 January 2030 at 01:30\n"),
        "{}",
        letter.text
    );
    says(&letter, &["Due date: 2 January 2030 at 01:30"]);
    let letter =
        changed(&team, &post, &team.dan, json!({ "assignee_id": team.dan.id, "due_at": "2030-01-01T08:00:00Z" })).await;
    says(&letter, &["Due date: none → 1 January 2030 at 13:30"]);
    team.app.task(&team.mia, new(json!(null))).await;
    team.app.tell_everyone().await;
    let letter = post.deliver(&team.app, &team.dan).await.pop().unwrap();
    assert!(!letter.text.contains("Due"), "{}", letter.text);
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn a_mail_hides_names_that_its_reader_may_not_see(db: PgPool) {
    let (team, post) = (Team::new(&db).await, Post::open(&db).await);
    eager(&team, &team.cat).await;
    let lab = team.app.project(&team.mia, "LAB", &[&team.dan]).await;
    let epic = team.app.task(&team.mia, json!({ "title": "Epic", "project_id": id(&lab) })).await;
    let new = json!({ "title": "x", "project_id": id(&lab), "assignee_id": team.dan.id, "parent_id": id(&epic) });
    let task = team.app.task(&team.mia, new).await;
    let path = format!("/v1/tasks/{}", id(&task));
    let moved = json!({ "project_id": id(&team.project), "assignee_id": team.cat.id });
    team.as_user(&team.mia).patch(&path, moved).await.ok(200);
    team.app.tell_everyone().await;
    let letter = post.deliver(&team.app, &team.cat).await.pop().unwrap();
    says(&letter, &["Project: another project → Project WEB", "Parent task: another task → none"]);

    // Project names that she could see when it happened, and may not see when the mail is sent.
    let member = format!("/v1/projects/{}/members/{}", id(&lab), team.cat.id);
    team.as_user(&team.mia).put(&member, None).await.ok(204);
    for (project, left) in [(&lab, &team.project), (&team.project, &lab)] {
        team.as_user(&team.mia).patch(&path, json!({ "project_id": id(project) })).await.ok(200);
        team.app.tell_everyone().await;
        assert_ne!(project["id"], left["id"]);
    }
    team.as_user(&team.mia).delete(&member).await.ok(204);
    team.as_user(&team.mia).put(&format!("{path}/assignee"), json!({ "assignee_id": team.dan.id })).await.ok(200);
    team.app.tell_everyone().await;
    for project in [&team.project, &lab] {
        let member = format!("/v1/projects/{}/members/{}", id(project), team.dan.id);
        team.as_user(&team.mia).delete(&member).await.ok(204);
    }
    let letters = post.deliver(&team.app, &team.cat).await;
    let letter = letters.iter().find(|letter| letter.text.contains("Project:")).unwrap();
    says(letter, &["Project: Project WEB → another project"]);
    says(letter, &["Project: another project → Project WEB"]);
    says(letter, &["Assignee: Cat → someone"]);
    for letter in &letters {
        assert!(!letter.text.contains("Project LAB") && !letter.html.contains("Project LAB"), "{}", letter.text);
    }
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn a_title_that_looks_like_an_encoded_word_is_shown_as_it_is(db: PgPool) {
    let (team, post) = (Team::new(&db).await, Post::open(&db).await);
    eager(&team, &team.cat).await;
    let title = "=?utf-8?B?WW91ciBwYXNzd29yZCBleHBpcmVz?=";
    team.as_user(&team.cat).patch("/v1/users/me", json!({ "name": title })).await.ok(200);
    let letter = changed(&team, &post, &team.cat, json!({ "title": title })).await;
    assert_eq!(letter.subject, format!("[WEB-1] {title}"));
    let raw = String::from_utf8(letter.raw).unwrap();
    let head = &raw[..raw.find("\r\n\r\n").unwrap()];
    assert!(!head.contains("WW91ciBwYXNzd29yZCBleHBpcmVz"), "{head}");
    assert!(raw.contains(&format!("- Mia changed {}: title", "WEB-1")));
}

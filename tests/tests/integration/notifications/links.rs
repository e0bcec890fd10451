//! The links in mails, which lead into the client.

use std::{
    collections::BTreeSet,
    time::{Duration, SystemTime},
};

use chrono::{TimeDelta, Utc};
use serde_json::{Value, json};
use shared::{auth::UnsubscribeKey, db::PgPool, domain::notification_kind::NotificationKind, queue::Queues};
use taskbell_schedule::send_summaries::SendSummaries;

use super::Team;
use crate::support::{App, ISSUER, Letter, Person, Post, UNSUBSCRIBE_KEY, own_pool};

impl Letter {
    /// Returns the paths of its links, each token without its value, and checks that the text and the HTML have the
    /// same ones.
    #[track_caller]
    fn paths(&self) -> BTreeSet<String> {
        let origin = format!("{ISSUER}/");
        let links = |text: &str, before: &str, end: char| -> BTreeSet<String> {
            let rest = text.split(before).skip(1);
            rest.map(|rest| rest.split(end).next().unwrap().trim_start_matches(&origin).to_owned()).collect()
        };
        let linked = links(&self.html, "href=\"", '"');
        assert_eq!(linked, links(&self.text, &origin, '\n'), "{}", self.text);
        assert!(!self.html.contains("/account/") && !self.text.contains("/account/"), "{}", self.text);
        let without_value = |link: String| link.split_once('=').map(|(path, _)| format!("{path}=")).unwrap_or(link);
        linked.into_iter().map(without_value).collect()
    }

    fn token(&self, page: &str) -> &str {
        let (_, rest) = self.text.split_once(&format!("{ISSUER}/{page}?token=")).unwrap();
        rest.split_whitespace().next().unwrap()
    }

    /// Returns a header that may be folded.
    fn header(&self, name: &str) -> String {
        let raw = String::from_utf8_lossy(&self.raw).replace("\r\n ", " ");
        let value = raw.lines().find_map(|line| line.strip_prefix(&format!("{name}: "))).unwrap_or_default();
        value.trim().to_owned()
    }
}

fn set(paths: &[&str]) -> BTreeSet<String> {
    paths.iter().map(|path| (*path).to_owned()).collect()
}

async fn confirm(app: &App, person: &Person) {
    app.sql(&format!("UPDATE users SET email_verified_at = now() WHERE id = '{}'", person.id)).await;
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn mails_about_an_account_lead_to_pages_whose_token_works(db: PgPool) {
    let (app, post) = (App::new(&db), Post::open(&db).await);
    let (ann, _) = app.register("Ann").await;
    let [letter] = &post.deliver(&app, &ann).await[..] else { panic!("one mail") };
    assert_eq!(letter.paths(), set(&["verify-email?token="]));
    assert_eq!(letter.header("List-Unsubscribe"), "");
    app.anyone().post("/v1/auth/email/verify", json!({ "token": letter.token("verify-email") })).await.ok(204);

    app.anyone().post("/v1/auth/password/forgot", json!({ "email": ann.email })).await.ok(202);
    let [letter] = &post.deliver(&app, &ann).await[..] else { panic!("one mail") };
    assert_eq!(letter.paths(), set(&["reset-password?token="]));
    let reset = json!({ "token": letter.token("reset-password"), "password": "another horse battery" });
    app.anyone().post("/v1/auth/password/reset", reset).await.ok(204);
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn a_mail_about_a_task_leads_to_it_by_its_present_key(db: PgPool) {
    let (team, post) = (Team::new(&db).await, Post::open(&db).await);
    confirm(&team.app, &team.bob).await;
    team.comment(&team.mia, "hello").await;
    team.app.tell_everyone().await;
    let lab = team.app.project(&team.mia, "LAB", &[&team.bob]).await;
    team.change(&team.mia, json!({ "project_id": lab["id"], "assignee_id": team.bob.id })).await;
    let letters = post.deliver(&team.app, &team.bob).await;
    let letter = letters.iter().find(|letter| letter.text.contains("hello")).unwrap();
    let footer = ["settings/notifications", "unsubscribe?token="];
    assert_eq!(letter.paths(), set(&["tasks/LAB-1", footer[0], footer[1]]));

    // The address for mail programs has the same token as the page.
    let token = letter.token("unsubscribe");
    assert_eq!(letter.header("List-Unsubscribe"), format!("<{ISSUER}/v1/unsubscribe?token={token}>"));
    assert_eq!(letter.header("List-Unsubscribe-Post"), "List-Unsubscribe=One-Click");
    let link = UnsubscribeKey::new(UNSUBSCRIBE_KEY).verify(token).unwrap();
    assert_eq!((link.user_id, link.kinds), (team.bob.id, vec![NotificationKind::TaskCommented]));

    // The client may show keys in any case.
    for key in ["LAB-1", "lab-1", "Lab-1", "web-1"] {
        let task = team.as_user(&team.bob).get(&format!("/v1/tasks/{key}")).await.ok(200);
        assert_eq!((&task["id"], &task["key"]), (&team.task["id"], &json!("LAB-1")), "{key}");
    }
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn a_mail_about_a_project_leads_to_the_inbox(db: PgPool) {
    let (team, post) = (Team::new(&db).await, Post::open(&db).await);
    confirm(&team.app, &team.dan).await;
    team.app.project(&team.mia, "LAB", &[&team.dan]).await;
    team.app.tell_everyone().await;
    let [letter] = &post.deliver(&team.app, &team.dan).await[..] else { panic!("one mail") };
    assert_eq!(letter.paths(), set(&["inbox", "settings/notifications", "unsubscribe?token="]));
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn a_daily_summary_leads_to_each_of_its_tasks(db: PgPool) {
    let (team, post) = (Team::new(&db).await, Post::open(&db).await);
    confirm(&team.app, &team.bob).await;
    let new =
        |title: &str, due_at: Value| json!({ "title": title, "project_id": team.project["id"], "due_at": due_at });
    let now = Utc::now();
    let mut late = new("late", json!(now - TimeDelta::hours(1)));
    late["assignee_id"] = json!(team.bob.id);
    team.app.task(&team.mia, late).await; // WEB-2
    let watched = team.app.task(&team.mia, new("watched", json!(null))).await; // WEB-3
    let watched = format!("/v1/tasks/{}", watched["id"].as_str().unwrap());
    team.as_user(&team.bob).put(&format!("{watched}/watchers/me"), None).await.ok(204);
    team.as_user(&team.mia).patch(&watched, json!({ "title": "seen" })).await.ok(200);
    team.app.tell_everyone().await;
    post.deliver(&team.app, &team.bob).await;

    let others = format!("UPDATE summaries SET fire_at = now() + interval '1 day' WHERE user_id <> '{}'", team.bob.id);
    team.app.sql(&others).await;
    team.app.sql(&format!("UPDATE summaries SET fire_at = now() WHERE user_id = '{}'", team.bob.id)).await;
    let job = SendSummaries::new(own_pool(&db).into(), Queues::new([]));
    job.run(Utc::now(), SystemTime::now() + Duration::from_mins(1)).await.unwrap();
    let [letter] = &post.deliver(&team.app, &team.bob).await[..] else { panic!("one mail") };
    let tasks = ["tasks/WEB-1", "tasks/WEB-2", "tasks/WEB-3"];
    assert_eq!(letter.paths(), set(&[&tasks[..], &["", "settings/notifications", "unsubscribe?token="]].concat()));
    assert!(letter.text.contains("\n- Mia changed WEB-3: title\n"), "{}", letter.text);
    let token = letter.token("unsubscribe");
    assert_eq!(letter.header("List-Unsubscribe"), format!("<{ISSUER}/v1/unsubscribe?token={token}>"));
}

//! A report's file, and the details of notifications about it, are available only while its requester may see all of
//! its content.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use shared::{
    db::{
        Database, PgPool,
        reports::{self, Claim},
    },
    queue::Queues,
};
use taskbell_queue::{make_report::Outcome, send_email};

use super::{consumer, deadline, download, month, storage};
use crate::support::{App, Person, each, id, send_email as mailer};

const LOST: &str = "You may no longer see all that is in it. Ask for it again.";

/// Checks that the report and the list both have the link, and that its file is returned; or that both say why it is not
/// available.
async fn is_given(app: &App, person: &Person, report: &Value, given: bool) {
    let own = app.report(person, report).await;
    let list = app.as_user(person).get("/v1/reports").await.ok(200);
    let listed = list["items"].as_array().unwrap().iter().find(|one| one["id"] == report["id"]).unwrap();
    for shown in [&own, listed] {
        assert_eq!(shown["download_url"].is_string(), given, "{shown}");
        let (status, error) = if given { ("ready", json!(null)) } else { ("failed", json!(LOST)) };
        assert_eq!((&shown["status"], &shown["error"]), (&json!(status), &error));
    }
    let file = app.as_user(person).get(&format!("/v1/reports/{}/file", id(report))).await;
    if given {
        assert_eq!(file.status, 200, "{file}");
        download(&own).await;
    } else {
        assert_eq!(file.ok(409)["code"], "report_has_no_file");
    }
}

/// Returns the request for a report of one project.
fn of(project: &Value) -> Value {
    let mut wanted = month("workload", "csv");
    wanted["project_id"] = project["id"].clone();
    wanted
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn former_members_get_no_report_links(db: PgPool) {
    let app = App::new(&db);
    let (mia, bob) = (app.manager("Mia").await, app.user("Bob").await);
    let (web, lab) = (app.project(&mia, "WEB", &[&bob]).await, app.project(&mia, "LAB", &[&bob]).await);
    let (one, other, all) = (
        app.made(&bob, of(&web)).await,
        app.made(&bob, of(&lab)).await,
        app.made(&bob, month("overdue", "json")).await,
    );
    for report in [&one, &other, &all] {
        is_given(&app, &bob, report, true).await;
    }
    let member = format!("/v1/projects/{}/members/{}", id(&web), bob.id);
    app.as_user(&mia).delete(&member).await.ok(204);
    is_given(&app, &bob, &one, false).await;
    is_given(&app, &bob, &all, false).await;
    is_given(&app, &bob, &other, true).await;
    // A report that is requested afterwards contains only the other projects.
    let after = app.made(&bob, month("overdue", "json")).await;
    is_given(&app, &bob, &after, true).await;
    app.as_user(&mia).put(&member, None).await.ok(204);
    is_given(&app, &bob, &one, true).await;
    is_given(&app, &bob, &all, true).await;
    // Members keep access to a project in the trash.
    app.as_user(&mia).delete(&format!("/v1/projects/{}", id(&web))).await.ok(204);
    is_given(&app, &bob, &all, true).await;
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn report_links_depend_on_the_current_role_and_ownership(db: PgPool) {
    let app = App::new(&db);
    let (mia, root, max) = (app.manager("Mia").await, app.admin("Root").await, app.manager("Max").await);
    let web = app.project(&mia, "WEB", &[&max, &root]).await;
    let mias = [app.made(&mia, of(&web)).await, app.made(&mia, month("overdue", "json")).await];
    let roots = [app.made(&root, of(&web)).await, app.made(&root, month("overdue", "json")).await];
    let become_ = async |person: &Person, role: &str| {
        app.sql(&format!("UPDATE users SET role = '{role}' WHERE id = '{}'", person.id)).await;
    };
    let all = async |person: &Person, reports: &[Value], given: bool| {
        for report in reports {
            is_given(&app, person, report, given).await;
        }
    };
    all(&mia, &mias, true).await;
    all(&root, &roots, true).await;
    for role in ["user", "manager"] {
        become_(&root, role).await;
        all(&root, &roots, false).await;
    }
    become_(&root, "admin").await;
    all(&root, &roots, true).await;

    // She owns the projects, whatever the role of her account is.
    become_(&mia, "user").await;
    all(&mia, &mias, true).await;
    let own = app.made(&mia, month("activity", "json")).await;
    is_given(&app, &mia, &own, true).await;
    become_(&mia, "manager").await;
    // It has another owner now, and she is its manager until she is made a member. Her own work in it stays visible to
    // her.
    app.as_user(&mia).patch(&format!("/v1/projects/{}", id(&web)), json!({ "owner_id": max.id })).await.ok(200);
    all(&mia, &mias, true).await;
    let member = format!("/v1/projects/{}/members/{}", id(&web), mia.id);
    app.as_user(&max).put(&member, json!({ "role": "member" })).await.ok(204);
    all(&mia, &mias, false).await;
    is_given(&app, &mia, &own, true).await;
    become_(&mia, "admin").await;
    all(&mia, &mias, true).await;
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn access_lost_before_or_during_a_report_is_respected(db: PgPool) {
    let app = App::new(&db);
    let (mia, bob) = (app.manager("Mia").await, app.user("Bob").await);
    let (web, lab) = (app.project(&mia, "WEB", &[&bob]).await, app.project(&mia, "LAB", &[&bob]).await);
    let remove = async |project: &Value| {
        app.as_user(&mia).delete(&format!("/v1/projects/{}/members/{}", id(project), bob.id)).await.ok(204);
    };
    // Access lost before the report is created: it contains only the other project, and is available.
    let report = app.as_user(&bob).post("/v1/reports", month("overdue", "json")).await.ok(202);
    remove(&lab).await;
    assert_eq!(consumer(&db, storage()).make(app.message(&report).await, deadline()).await.unwrap(), Outcome::Ready);
    is_given(&app, &bob, &report, true).await;

    // Access lost while the report is created: it may contain that project.
    let report = app.as_user(&bob).post("/v1/reports", month("overdue", "json")).await.ok(202);
    let mut tx = db.begin().await.unwrap();
    let claim =
        reports::claim(&mut tx, crate::support::uuid(&report), DateTime::<Utc>::from(deadline())).await.unwrap();
    assert!(matches!(claim, Claim::Claimed(_)), "{claim:?}");
    tx.commit().await.unwrap();
    remove(&web).await;
    let mut tx = Database::from(db.clone()).begin().await.unwrap();
    reports::finish(&mut tx, crate::support::uuid(&report), None).await.unwrap();
    // The notification says the same.
    assert_eq!(tx.enqueued().len(), 1);
    tx.commit(&Queues::none()).await.unwrap();
    is_given(&app, &bob, &report, false).await;
    app.tell_everyone().await;
    assert_eq!(app.told(&bob).await.pop().unwrap(), "report_ready: Your overdue report could not be made");
    let newest = app.inbox(&bob, 0).await.pop().unwrap();
    assert_eq!(newest["data"]["status"], "failed");
    assert!(newest["body"].as_str().unwrap().ends_with(LOST), "{newest}");
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn report_notifications_are_redacted_for_former_members(db: PgPool) {
    let app = App::new(&db);
    let (mia, bob) = (app.manager("Mia").await, app.user("Bob").await);
    app.sql(&format!("UPDATE users SET email_verified_at = now() WHERE id = '{}'", bob.id)).await;
    let web = app.project(&mia, "WEB", &[&bob]).await;
    app.made(&bob, of(&web)).await;
    app.tell_everyone().await;
    assert_eq!(app.told(&bob).await.pop().unwrap(), "report_ready: Your workload report of Project WEB is ready");
    app.as_user(&mia).delete(&format!("/v1/projects/{}/members/{}", id(&web), bob.id)).await.ok(204);
    // Neither the inbox nor the mail names the project.
    assert_eq!(app.told(&bob).await.pop().unwrap(), "report_ready: Something that you may no longer see");
    let message = "SELECT o.id FROM outbox o JOIN emails e ON e.id::text = o.payload->>'email_id'
                   JOIN notifications n ON n.email_id = e.id WHERE n.kind = 'report_ready'";
    let sent = mailer(&db).send(app.one(message).await, Utc::now()).await.unwrap();
    assert_eq!(sent, send_email::Outcome::Nothing);
    assert_eq!(each(&app.as_user(&bob).get("/v1/notifications").await.ok(200), "data")[0], &json!({}));
}

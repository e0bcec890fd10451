//! Requesting reports: who may have a report of what.

use chrono::{TimeDelta, Utc};
use serde_json::json;
use shared::db::PgPool;

use super::month;
use crate::support::{App, each, id, text, uuid};

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn a_report_is_requested_once_and_seen_by_its_requester_only(db: PgPool) {
    let app = App::new(&db);
    let (ann, bob) = (app.user("Ann").await, app.user("Bob").await);
    let wanted = month("overdue", "csv");
    let asking = app.as_user(&ann).idempotency_key("once");
    let first = asking.post("/v1/reports", wanted.clone()).await;
    let again = asking.post("/v1/reports", wanted).await;
    assert_eq!((first.status, first.header("location")), (202, again.header("location")));
    let report = first.ok(202);
    assert_eq!(again.ok(202), report);
    assert_eq!(app.count("reports").await, 1);
    assert_eq!(app.count("outbox WHERE queue = 'reports'").await, 1);

    let path = format!("/v1/reports/{}", id(&report));
    let shown = app.as_user(&ann).get(&path).await.ok(200);
    assert_eq!(shown, report);
    for (field, value) in [
        ("kind", json!("overdue")),
        ("format", json!("csv")),
        ("status", json!("queued")),
        ("progress", json!(0)),
        ("project_id", json!(null)),
        ("download_url", json!(null)),
        ("error", json!(null)),
        ("finished_at", json!(null)),
    ] {
        assert_eq!(report[field], value, "{field}");
    }
    for other in [&bob, &app.admin("Root").await] {
        app.as_user(other).get(&path).await.ok(404);
        assert_eq!(app.as_user(other).get("/v1/reports").await.ok(200)["items"], json!([]));
    }
    let ids = each(&app.as_user(&ann).get("/v1/reports").await.ok(200), "id").into_iter().cloned().collect::<Vec<_>>();
    assert_eq!(ids, [report["id"].clone()]);
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn reports_are_paged_newest_first(db: PgPool) {
    let app = App::new(&db);
    let ann = app.user("Ann").await;
    let mut asked = Vec::new();
    for _ in 0..5 {
        asked.insert(
            0,
            text(&app.as_user(&ann).post("/v1/reports", month("activity", "json")).await.ok(202)["id"]).to_owned(),
        );
    }
    assert_eq!(app.walk(&ann, "/v1/reports?", 2, "id").await, asked);
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn the_scope_of_a_report_depends_on_the_role(db: PgPool) {
    let app = App::new(&db);
    let (owner, manager, member) = (app.manager("Owner").await, app.manager("Manager").await, app.user("Member").await);
    let (stranger, root) = (app.manager("Stranger").await, app.admin("Root").await);
    let project = app.project(&owner, "WEB", &[&manager, &member]).await;
    let mut wanted = month("workload", "json");
    wanted["project_id"] = project["id"].clone();
    for (person, status) in [(&owner, 202), (&manager, 403), (&member, 202), (&stranger, 422), (&root, 202)] {
        let reply = app.as_user(person).post("/v1/reports", wanted.clone()).await;
        assert_eq!(reply.status, status, "{}: {reply}", person.email);
    }
    let scope = "SELECT project_ids = ARRAY[$1] AND own_work = $2 FROM reports WHERE user_id = $3";
    for (person, own_work) in [(&owner, false), (&member, true), (&root, false)] {
        let query = sqlx::query_scalar::<_, bool>(scope).bind(uuid(&project)).bind(own_work).bind(person.id);
        assert!(query.fetch_one(&db).await.unwrap(), "{}", person.email);
    }
    // Without a project: only the manager's Inbox, because the project has another owner.
    app.as_user(&manager).post("/v1/reports", month("workload", "json")).await.ok(202);
    let inbox = format!(
        "SELECT project_ids = ARRAY(SELECT id FROM projects WHERE owner_id = '{0}') FROM reports WHERE user_id = '{0}'",
        manager.id
    );
    assert!(app.one::<bool>(&inbox).await);
    // A project in the trash cannot be selected.
    app.as_user(&owner).delete(&format!("/v1/projects/{}", id(&project))).await.ok(204);
    app.as_user(&owner).post("/v1/reports", wanted).await.wrong(&["/project_id"]);
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn report_periods_and_the_number_of_open_reports_are_limited(db: PgPool) {
    let app = App::new(&db);
    let ann = app.user("Ann").await;
    let now = Utc::now();
    for (from, to) in [(now, now), (now, now - TimeDelta::days(1)), (now, now + TimeDelta::days(1828))] {
        let wanted = json!({ "kind": "activity", "format": "json", "from": from, "to": to });
        app.as_user(&ann).post("/v1/reports", wanted).await.wrong(&["/to"]);
    }
    let wrong = json!({ "kind": "x", "format": "pdf", "from": 1 });
    app.as_user(&ann).post("/v1/reports", wrong).await.wrong(&["/format", "/from", "/kind", "/to"]);

    for _ in 0..10 {
        app.as_user(&ann).post("/v1/reports", month("activity", "json")).await.ok(202);
    }
    app.as_user(&ann).post("/v1/reports", month("activity", "json")).await.ok(409);
    app.sql("UPDATE reports SET finished_at = now() WHERE id = (SELECT id FROM reports LIMIT 1)").await;
    app.as_user(&ann).post("/v1/reports", month("activity", "json")).await.ok(202);
}

//! Reports of the deployed system: they are requested, made, announced and downloaded.

use std::{
    io::Cursor,
    time::{Duration, Instant},
};

use calamine::{Reader, Xlsx};
use chrono::{TimeDelta, Utc};
use serde_json::{Value, json};
use sqlx::{Connection, PgConnection};

use crate::{
    support::{Api, Member, mails_to, variable},
    tick::tick,
};

async fn ready(api: &Api, report: &Value) -> Value {
    let deadline = Instant::now() + Duration::from_secs(30);
    loop {
        let report = api.get(&format!("/v1/reports/{}", report["id"].as_str().unwrap())).await.expect(200);
        if report["status"] == "ready" {
            return report;
        }
        assert!(report["status"] != "failed" && Instant::now() < deadline, "{report}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

#[tokio::test]
async fn a_report_is_made_announced_and_sent_by_email_and_its_link_downloads_it() {
    let ann = Member::verified("Ann").await;
    let task = json!({ "title": "Late", "assignee_id": ann.id, "due_at": Utc::now() - TimeDelta::days(1) });
    ann.api.post("/v1/tasks", &task).await.expect(201);
    let wanted =
        json!({ "kind": "overdue", "format": "xlsx", "from": Utc::now() - TimeDelta::days(7), "to": Utc::now() });
    let asked = ann.api.post("/v1/reports", &wanted).await;
    assert!(asked.header("location").starts_with("/v1/reports/"));
    let report = ready(&ann.api, &asked.expect(202)).await;
    let url = report["download_url"].as_str().unwrap();
    let file = reqwest::get(url).await.unwrap().bytes().await.unwrap();
    let path = format!("/v1/reports/{}/file", report["id"].as_str().unwrap());
    assert_eq!(ann.api.file(&path).await, file, "the API returns the same bytes");
    let mut book = Xlsx::new(Cursor::new(file)).unwrap();
    assert_eq!(book.worksheet_range("overdue").unwrap().rows().nth(1).unwrap()[1].to_string(), "Late");

    let said = |page: &Value| page["items"].as_array().unwrap().iter().any(|one| one["kind"] == "report_ready");
    let deadline = Instant::now() + Duration::from_secs(30);
    while !said(&ann.api.get("/v1/notifications").await.expect(200)) {
        assert!(Instant::now() < deadline, "nobody was told");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let mails = mails_to(&ann.address, 2).await;
    assert!(
        mails.iter().any(|mail| mail["text"].as_str().unwrap().contains("Your overdue report is ready")),
        "{mails:?}"
    );
}

#[tokio::test]
async fn a_subscribed_report_is_made_when_it_is_due() {
    let boss = Member::boss().await;
    let wanted = json!({ "kind": "workload", "format": "csv" });
    let subscription = boss.api.post("/v1/report-subscriptions", &wanted).await.expect(201);
    let mut database = PgConnection::connect(&variable("DATABASE_URL")).await.unwrap();
    sqlx::query("UPDATE report_subscriptions SET fire_at = now() WHERE id = $1::uuid")
        .bind(subscription["id"].as_str())
        .execute(&mut database)
        .await
        .unwrap();
    let run = tick("order-reports");
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    let reports = boss.api.get("/v1/reports").await.expect(200);
    let report = ready(&boss.api, &reports["items"][0]).await;
    assert_eq!((&report["kind"], &report["format"]), (&json!("workload"), &json!("csv")));
    let file = boss.api.file(&format!("/v1/reports/{}/file", report["id"].as_str().unwrap())).await;
    assert!(file.starts_with("\u{feff}".as_bytes()), "Excel finds out by it that this is UTF-8");
}

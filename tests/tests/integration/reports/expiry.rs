//! Expired reports.

use std::time::{Duration, SystemTime};

use chrono::{TimeDelta, Utc};
use shared::{db::PgPool, storage::Storage};
use taskbell_schedule::clean_up::CleanUp;

use super::{download, month, storage};
use crate::support::{App, id, text};

async fn clean_up(db: &PgPool, storage: Storage, days: i64) -> anyhow::Result<u64> {
    let now = Utc::now() + TimeDelta::days(days);
    Ok(CleanUp::new(db.clone().into(), storage).run(now, SystemTime::now() + Duration::from_mins(1)).await?["reports"])
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn reports_are_deleted_with_their_files_after_seven_days(db: PgPool) {
    let app = App::new(&db);
    let ann = app.user("Ann").await;
    let old = app.made(&ann, month("activity", "csv")).await;
    app.as_user(&ann).post("/v1/reports", month("activity", "csv")).await.ok(202);
    assert_eq!(clean_up(&db, storage(), 6).await.unwrap(), 0);
    download(&old).await;
    let error = clean_up(&db, Storage::new("taskbell-no-such-bucket".into()), 8).await.unwrap_err();
    assert!(format!("{error:#}").contains("reports"), "{error:#}");
    assert_eq!(app.count("reports").await, 2, "a report stays as long as its file does");
    assert_eq!(clean_up(&db, storage(), 8).await.unwrap(), 1);
    assert_eq!(reqwest::get(text(&old["download_url"])).await.unwrap().status(), 404);
    app.as_user(&ann).get(&format!("/v1/reports/{}", id(&old))).await.ok(404);
    assert_eq!(app.count("reports").await, 1, "what is not finished does not expire");
    assert_eq!(clean_up(&db, storage(), 8).await.unwrap(), 0);
}

//! The formats of a report's file.

use std::io::Cursor;

use calamine::{Data, Reader, Xlsx};
use chrono::{NaiveDate, NaiveDateTime};
use serde_json::{Value, json};
use shared::db::PgPool;

use super::{download, month};
use crate::support::{App, Person, id, storage, text};

const FORMULA: &str = "=HYPERLINK(\"https://evil.example\",\"Click, please\")";

/// Creates overdue tasks, some of which look like formulas.
async fn late(app: &App) -> Person {
    let ann = app.user("Ann").await;
    app.as_user(&ann).patch("/v1/users/me", json!({ "time_zone": "Asia/Kolkata" })).await.ok(200);
    for title in [FORMULA, "Ünïcode, \"quoted\"", "a;=1+1"] {
        app.task(&ann, json!({ "title": title, "assignee_id": ann.id, "due_at": "2026-01-05T20:00:00Z" })).await;
    }
    ann
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn csv_files_are_escaped_against_formula_injection(db: PgPool) {
    let app = App::new(&db);
    let ann = late(&app).await;
    let report = app.made(&ann, month("overdue", "csv")).await;
    let answer = reqwest::get(text(&report["download_url"])).await.unwrap();
    let header = |name: &str| answer.headers()[name].to_str().unwrap().to_owned();
    assert_eq!(header("content-type"), "text/csv; charset=utf-8");
    let disposition = header("content-disposition");
    assert!(
        disposition.starts_with("attachment; filename=\"overdue-") && disposition.ends_with(".csv\""),
        "{disposition}"
    );
    let file = answer.text().await.unwrap();
    let lines: Vec<_> = file.split("\r\n").collect();
    assert_eq!(lines[0], "\u{feff}key,title,project,assignee,priority,status,due_at,completed_at,days_late");
    assert!(lines[1].contains("\"'=HYPERLINK(\"\"https://evil.example\"\",\"\"Click, please\"\")\""), "{}", lines[1]);
    assert!(
        lines[2].contains("\"Ünïcode, \"\"quoted\"\"\",Inbox,Ann,medium,todo,2026-01-05T20:00:00Z,,"),
        "{}",
        lines[2]
    );
    assert!(lines[3].contains(",a;'=1+1,Inbox,"), "behind what some take for the end of a cell: {}", lines[3]);
    assert_eq!(lines[4..], [""]);
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn workbooks_contain_text_numbers_and_local_times(db: PgPool) {
    let app = App::new(&db);
    let ann = late(&app).await;
    let report = app.made(&ann, month("overdue", "xlsx")).await;
    let mut book = Xlsx::new(Cursor::new(download(&report).await)).unwrap();
    assert_eq!(book.sheet_names(), ["overdue"]);
    assert!(book.worksheet_formula("overdue").unwrap().is_empty());
    let sheet = book.worksheet_range("overdue").unwrap();
    let rows: Vec<_> = sheet.rows().collect();
    assert_eq!(rows[3][1], Data::String("a;=1+1".into()), "a text as it is, which a workbook tells from a formula");
    assert_eq!((rows.len(), rows[0][6].to_string()), (4, "due_at (Asia/Kolkata)".into()));
    assert_eq!(
        (&rows[1][1], &rows[2][1]),
        (&Data::String(FORMULA.into()), &Data::String("Ünïcode, \"quoted\"".into()))
    );
    let Data::DateTime(due_at) = &rows[1][6] else { panic!("{:?}", rows[1]) };
    let local = NaiveDate::from_ymd_opt(2026, 1, 6).and_then(|day| day.and_hms_opt(1, 30, 0)).unwrap();
    assert_eq!(of_serial(due_at.as_f64()), local);
    assert!(matches!(rows[1][8], Data::Float(days) if days > 300.0), "{:?}", rows[1]);
    assert_eq!(rows[1][7], Data::Empty);
}

/// Converts from the days since the end of 1899, as spreadsheets count them.
fn of_serial(days: f64) -> NaiveDateTime {
    let begin = NaiveDate::from_ymd_opt(1899, 12, 30).unwrap().and_time(chrono::NaiveTime::MIN);
    #[expect(clippy::cast_possible_truncation, reason = "a few centuries of seconds")]
    let seconds = (days * 86400.0).round() as i64;
    begin + chrono::TimeDelta::seconds(seconds)
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn the_api_returns_the_same_file_as_the_link_unless_it_is_too_large(db: PgPool) {
    let app = App::new(&db);
    let ann = late(&app).await;
    for format in ["csv", "json"] {
        let report = app.made(&ann, month("overdue", format)).await;
        let link = reqwest::get(text(&report["download_url"])).await.unwrap();
        let path = format!("/v1/reports/{}/file", id(&report));
        let file = app.as_user(&ann).get(&path).await;
        assert_eq!(
            file.header("content-type"),
            "application/octet-stream",
            "as text it would lose its byte order mark"
        );
        assert_eq!(file.header("content-disposition"), link.headers()["content-disposition"].to_str().unwrap());
        let content = link.bytes().await.unwrap();
        let expected =
            serde_json::from_slice(&content).unwrap_or_else(|_| Value::from(String::from_utf8_lossy(&content)));
        assert_eq!(file.ok(200), expected);

        let large = tempfile::NamedTempFile::new().unwrap();
        large.as_file().set_len(4_000_001).unwrap();
        storage().put(&format!("{}.{format}", id(&report)), large.path(), "text/plain", "large").await.unwrap();
        assert_eq!(app.as_user(&ann).get(&path).await.ok(409)["code"], "report_file_too_large");
    }
}

#[sqlx::test(migrator = "shared::db::MIGRATOR")]
async fn every_format_has_the_same_columns(db: PgPool) {
    let app = App::new(&db);
    let ann = app.user("Ann").await;
    for kind in ["workload", "completion", "overdue", "activity"] {
        let csv = String::from_utf8(download(&app.made(&ann, month(kind, "csv")).await).await).unwrap();
        let csv = csv.strip_prefix('\u{feff}').expect("Excel finds out by it that this is UTF-8");
        let columns: Vec<_> = csv.lines().next().unwrap().split(',').collect();
        let mut book = Xlsx::new(Cursor::new(download(&app.made(&ann, month(kind, "xlsx")).await).await)).unwrap();
        let sheet = book.worksheet_range(kind).unwrap();
        let names: Vec<_> = sheet.rows().next().unwrap().iter().map(ToString::to_string).collect();
        let plain: Vec<_> = names.iter().map(|name| name.trim_end_matches(" (UTC)")).collect();
        assert_eq!(plain, columns, "{kind}");
        let json: Value = serde_json::from_slice(&download(&app.made(&ann, month(kind, "json")).await).await).unwrap();
        for row in json["rows"].as_array().unwrap() {
            let mut keys: Vec<_> = row.as_object().unwrap().keys().map(String::as_str).collect();
            let mut expected = columns.clone();
            keys.sort_unstable();
            expected.sort_unstable();
            assert_eq!(keys, expected, "{kind}");
        }
        assert_eq!(json["rows"].as_array().unwrap().is_empty(), kind != "completion", "{kind}");
    }
}

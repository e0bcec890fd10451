//! The file of a report, and its download link.

use shared::domain::report::{Report, Status};

use crate::AppState;

/// Whether the report has a file: it is ready and not expired.
pub fn has_file(report: &Report) -> bool {
    report.status == Status::Ready && report.expires_at.is_some_and(|at| at > chrono::Utc::now())
}

/// Adds the download link to a report that has a file.
pub async fn with_link(state: &AppState, report: Report) -> shared::Result<Report> {
    let key = report.format.key(report.id);
    let download_url = if has_file(&report) { Some(state.storage()?.link(&key).await?) } else { None };
    Ok(Report { download_url, ..report })
}

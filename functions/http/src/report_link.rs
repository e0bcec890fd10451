//! The download link of a report.

use shared::domain::report::{Report, Status};

use crate::AppState;

/// Adds the download link to a report that is ready and not expired.
pub async fn with_link(state: &AppState, report: Report) -> shared::Result<Report> {
    let there = report.status == Status::Ready && report.expires_at.is_some_and(|at| at > chrono::Utc::now());
    let download_url = if there { Some(state.storage()?.link(&report.format.key(report.id)).await?) } else { None };
    Ok(Report { download_url, ..report })
}

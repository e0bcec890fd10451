//! Reports: what can be requested, and what a report contains.

mod cell;
mod period;

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::time::TimeOfDay;

pub use cell::Cell;
pub use period::{Day, Period, Step, next_weekly};

/// The kind of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[schema(as = ReportKind)]
#[sqlx(type_name = "report_kind", rename_all = "snake_case")]
pub enum Kind {
    /// How many tasks each person has, by status: those that are open now, and those that ended in the period.
    Workload,
    /// How many tasks were created and completed by day, week or month, and how long they took.
    Completion,
    /// The tasks that were overdue at some time in the period.
    Overdue,
    /// Who changed what.
    Activity,
}

/// The file format of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[schema(as = ReportFormat)]
#[sqlx(type_name = "report_format", rename_all = "snake_case")]
pub enum Format {
    /// JSON, for programs. Times are in UTC.
    Json,
    /// RFC 4180 in UTF-8, with a byte order mark. Times are in UTC. Text that a spreadsheet would take for a formula has a ' in front,
    /// also behind what some take for the end of a cell.
    Csv,
    /// Excel, for spreadsheets. Times are in the requester's time zone.
    Xlsx,
}

/// The status of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[schema(as = ReportStatus)]
#[sqlx(type_name = "report_status", rename_all = "snake_case")]
pub enum Status {
    /// It waits to be created.
    Queued,
    /// It is being created.
    Running,
    /// It can be downloaded.
    Ready,
    /// It could not be created, or the requester may no longer see all its content. `error` says why.
    Failed,
}

/// A report, as the API shows it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Report {
    /// A UUIDv7.
    pub id: Uuid,
    /// The kind of report.
    pub kind: Kind,
    /// The project that it is about. Null means all projects that the requester may get reports of.
    pub project_id: Option<Uuid>,
    /// The start of the period.
    pub from: DateTime<Utc>,
    /// The end of the period, exclusive.
    pub to: DateTime<Utc>,
    /// The format of the file.
    pub format: Format,
    /// The status of the report.
    pub status: Status,
    /// The progress in percent.
    #[schema(minimum = 0, maximum = 100)]
    pub progress: i16,
    /// Why the report failed.
    pub error: Option<String>,
    /// The download link of a report that is ready. It is valid for 15 minutes; get the report again for a new link.
    pub download_url: Option<String>,
    /// When it was requested.
    pub created_at: DateTime<Utc>,
    /// When it was completed or failed.
    pub finished_at: Option<DateTime<Utc>>,
    /// When it is deleted.
    pub expires_at: Option<DateTime<Utc>>,
}

impl Report {
    /// Returns the notification of the requester when it is finished: a line, and a text below it.
    pub fn announcement(&self, project: Option<&str>, zone: Tz) -> (String, String) {
        let kind = self.kind.as_str();
        let of = project.map(|project| format!(" of {project}")).unwrap_or_default();
        let title = match self.status {
            Status::Failed => format!("Your {kind} report{of} could not be made"),
            _ => format!("Your {kind} report{of} is ready"),
        };
        let day = |time: DateTime<Utc>| time.with_timezone(&zone).format("%-d %B %Y").to_string();
        // The last day of the period.
        let period = format!("From {} to {}", day(self.from), day(self.to - TimeDelta::microseconds(1)));
        match &self.error {
            Some(error) => (title, format!("{period}. {error}")),
            None => (title, period),
        }
    }
}

/// A subscription to a weekly report of the previous seven days.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = ReportSubscription)]
pub struct Subscription {
    /// A UUIDv7.
    pub id: Uuid,
    /// The kind of report.
    pub kind: Kind,
    /// The project that it is about. Null means all projects that the subscriber may get reports of.
    pub project_id: Option<Uuid>,
    /// The format of the file.
    pub format: Format,
    /// The day of the week on which the report is created.
    pub weekday: Day,
    /// The time of day in the subscriber's time zone.
    #[schema(value_type = String, format = "time-of-day", max_length = 5, example = "07:00")]
    pub at: TimeOfDay,
    /// When the next report is created.
    pub next_at: DateTime<Utc>,
    /// When the subscription was created.
    pub created_at: DateTime<Utc>,
}

impl Kind {
    /// Returns the name under which it is stored and shown.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Workload => "workload",
            Self::Completion => "completion",
            Self::Overdue => "overdue",
            Self::Activity => "activity",
        }
    }

    /// Returns the names of the columns, in the order of `db::report_rows`.
    pub fn columns(self) -> &'static [&'static str] {
        match self {
            Self::Workload => &["person_id", "person", "todo", "in_progress", "overdue", "done", "cancelled"],
            Self::Completion => &[
                "step",
                "date",
                "created",
                "completed",
                "lead_hours_median",
                "lead_hours_p90",
                "cycle_hours_median",
                "cycle_hours_p90",
            ],
            Self::Overdue => {
                &["key", "title", "project", "assignee", "priority", "status", "due_at", "completed_at", "days_late"]
            }
            Self::Activity => &["at", "person", "kind", "key", "title", "project", "changes"],
        }
    }
}

impl Format {
    /// Returns the extension of the file's name.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Csv => "csv",
            Self::Xlsx => "xlsx",
        }
    }

    /// Returns the key of a report's file in the storage.
    pub fn key(self, report_id: Uuid) -> String {
        format!("{report_id}.{}", self.extension())
    }

    /// Returns the media type.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Csv => "text/csv; charset=utf-8",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        }
    }
}

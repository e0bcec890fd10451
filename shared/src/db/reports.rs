//! Reports: their requests and their state. Their rows are in `report_rows`.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use serde_json::json;
use sqlx::PgConnection;
use uuid::Uuid;

use super::{
    Tx,
    outbox::{self, Topic},
    page::{Cursor, Page, PageRequest},
    projects,
};
use crate::{
    Code, Error, Result,
    domain::{
        Caller,
        account::Role,
        event::Event,
        report::{Format, Kind, Period, Report, Status},
    },
};

/// The most unfinished reports of one person.
const MAX_UNFINISHED: i64 = 10;
/// The most attempts at making a report.
pub const MAX_ATTEMPTS: i16 = 5;

/// A person who requests a report.
#[derive(Debug, Clone, Copy)]
pub struct Reader {
    /// The user's id.
    pub id: Uuid,
    /// The role of their account.
    pub role: Role,
}

impl From<&Caller> for Reader {
    fn from(caller: &Caller) -> Self {
        Self { id: caller.id, role: caller.role }
    }
}

/// The data that a person may have reports of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scope {
    /// The projects; `None` means all of them.
    pub project_ids: Option<Vec<Uuid>>,
    /// Only their own work: what is assigned to them, and what they did.
    pub own_work: bool,
}

impl Scope {
    /// Returns the data that a person may have reports of: everything for administrators, a project for its managers,
    /// and their own work in all other projects that they belong to for users. Without a `project_id`, it is all
    /// projects that they manage for managers, and their own work for users.
    ///
    /// Fails if `project_id` names a project that is none of these.
    pub async fn for_reader(conn: &mut PgConnection, reader: Reader, project_id: Option<Uuid>) -> Result<Self> {
        if reader.role == Role::Admin && project_id.is_none() {
            return Ok(Self { project_ids: None, own_work: false });
        }
        let seen = sqlx::query!(
            r#"SELECT p.id, v.role IS NOT DISTINCT FROM 'manager' OR $3 AS "managed!"
               FROM projects p JOIN visible_projects($1, $3) v ON v.project_id = p.id
               WHERE deleted_at IS NULL AND ($2::uuid IS NULL OR p.id = $2)"#,
            reader.id,
            project_id,
            reader.role == Role::Admin,
        )
        .fetch_all(conn)
        .await?;
        if project_id.is_some() && seen.is_empty() {
            return Err(projects::not_joined());
        }
        let managed = seen.iter().any(|project| project.managed);
        if project_id.is_some() && reader.role == Role::Manager && !managed {
            return Err(Error::forbidden(
                Code::ProjectManagerRequired,
                "Only its managers and administrators may have reports of a project.",
            ));
        }
        let own_work = reader.role == Role::User && !(project_id.is_some() && managed);
        let ids = seen.into_iter().filter(|project| own_work || project.managed).map(|project| project.id);
        Ok(Self { project_ids: Some(ids.collect()), own_work })
    }

    /// Returns what is in both scopes.
    fn and(self, other: Self) -> Self {
        let project_ids = match (self.project_ids, other.project_ids) {
            (Some(mut some), Some(others)) => {
                some.retain(|id| others.contains(id));
                Some(some)
            }
            (some, others) => some.or(others),
        };
        Self { project_ids, own_work: self.own_work || other.own_work }
    }
}

/// A request for a report.
#[derive(Debug, Clone, Copy)]
pub struct Request {
    /// The kind of the report.
    pub kind: Kind,
    /// The project, or `None` for all.
    pub project_id: Option<Uuid>,
    /// The period.
    pub period: Period,
    /// The format of the file.
    pub format: Format,
}

/// Requests a report of what `user_id` may have reports of: writes it and its outbox message. Fails with a conflict if
/// they have too many unfinished reports.
pub async fn request(tx: &mut Tx, user_id: Uuid, scope: &Scope, request: &Request) -> Result<Report> {
    let id = Uuid::now_v7();
    let asked = sqlx::query!(
        "INSERT INTO reports (id, user_id, kind, format, project_id, period_from, period_to, project_ids, own_work)
         SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9
         WHERE (SELECT count(*) FROM reports WHERE user_id = $2 AND finished_at IS NULL) < $10",
        id,
        user_id,
        request.kind as Kind,
        request.format as Format,
        request.project_id,
        request.period.from,
        request.period.to,
        scope.project_ids.as_deref(),
        scope.own_work,
        MAX_UNFINISHED,
    )
    .execute(&mut **tx)
    .await?;
    if asked.rows_affected() == 0 {
        return Err(Error::conflict(
            Code::TooManyReports,
            format!("{MAX_UNFINISHED} of your reports are waiting or being made: wait for one of them."),
        ));
    }
    outbox::add(tx, Topic::Reports, json!({ "report_id": id })).await?;
    find(tx, user_id, id).await
}

/// Returns the report with this id for `user_id`, who requested it, as they may read it now.
pub async fn find(conn: &mut PgConnection, user_id: Uuid, id: Uuid) -> Result<Report> {
    let report = sqlx::query_as!(
        Report,
        r#"SELECT id AS "id!", kind AS "kind!: Kind", project_id, period_from AS "from!", period_to AS "to!",
                  format AS "format!: Format", status AS "status!: Status", progress AS "progress!", error,
                  NULL AS download_url, created_at AS "created_at!", finished_at, expires_at
           FROM readable_reports WHERE id = $1 AND user_id = $2"#,
        id,
        user_id,
    )
    .fetch_one(conn)
    .await?;
    Ok(report)
}

/// Returns a page of the reports that `caller` requested, as they may read them now, newest first.
pub async fn list(conn: &mut PgConnection, caller: &Caller, page: &PageRequest) -> Result<Page<Report>> {
    let reports = sqlx::query_as!(
        Report,
        r#"SELECT id AS "id!", kind AS "kind!: Kind", project_id, period_from AS "from!", period_to AS "to!",
                  format AS "format!: Format", status AS "status!: Status", progress AS "progress!", error,
                  NULL AS download_url, created_at AS "created_at!", finished_at, expires_at
           FROM readable_reports WHERE user_id = $1 AND ($2::uuid IS NULL OR id < $2) ORDER BY id DESC LIMIT $3"#,
        caller.id,
        page.after::<Uuid>("reports")?,
        page.fetch(),
    )
    .fetch_all(conn)
    .await?;
    Ok(page.cut(reports, |report| Cursor::new("reports", report.id)))
}

/// A report to make.
#[derive(Debug)]
pub struct Order {
    /// The report.
    pub id: Uuid,
    /// The user who requested it.
    pub user_id: Uuid,
    /// Their time zone.
    pub zone: Tz,
    /// The kind of the report.
    pub kind: Kind,
    /// The format of the file.
    pub format: Format,
    /// The period.
    pub period: Period,
    /// The data that the requester could see when they requested it, and still may.
    pub scope: Scope,
    /// The number of this attempt, from 1.
    pub attempt: i16,
}

/// The result of claiming a report.
#[derive(Debug)]
pub enum Claim {
    /// The caller must make the report.
    Claimed(Box<Order>),
    /// The caller must finish the report as failed: it cannot be made, for this reason.
    Failed(&'static str),
    /// Another invocation is making it.
    InProgress,
    /// There is nothing to make: it is finished or deleted.
    Finished,
}

/// Claims a report until then. Others cannot claim it before. Commit the claim before you make the report.
pub async fn claim(conn: &mut PgConnection, id: Uuid, until: DateTime<Utc>) -> Result<Claim> {
    let claimed = sqlx::query!(
        r#"UPDATE reports r SET status = 'running', progress = 0, attempts = attempts + 1, claimed_until = $2
           FROM users u
           WHERE r.id = $1 AND r.finished_at IS NULL AND (r.claimed_until IS NULL OR r.claimed_until < now()) AND u.id = r.user_id
           RETURNING r.user_id, r.kind AS "kind: Kind", r.format AS "format: Format", r.project_id, r.period_from, r.period_to,
                     r.project_ids, r.own_work, r.attempts, u.time_zone, u.role AS "role: Role", u.active"#,
        id,
        until,
    )
    .fetch_optional(&mut *conn)
    .await?;
    let Some(row) = claimed else {
        let open = sqlx::query_scalar!("SELECT id FROM reports WHERE id = $1 AND finished_at IS NULL", id);
        return Ok(if open.fetch_optional(conn).await?.is_some() { Claim::InProgress } else { Claim::Finished });
    };
    if !row.active {
        return Ok(Claim::Failed("Your account is not active."));
    }
    if row.attempts > MAX_ATTEMPTS {
        return Ok(Claim::Failed("It could not be made. Ask for a shorter period or a single project."));
    }
    let now = match Scope::for_reader(&mut *conn, Reader { id: row.user_id, role: row.role }, row.project_id).await {
        Ok(scope) => scope,
        Err(Error::Invalid(..) | Error::Forbidden(..)) => {
            return Ok(Claim::Failed("You may no longer have reports of its project."));
        }
        Err(error) => return Err(error),
    };
    // From now on the row says what the file contains: a requester who loses access to some of it does not get the
    // file.
    let scope = Scope { project_ids: row.project_ids, own_work: row.own_work }.and(now);
    sqlx::query!(
        "UPDATE reports SET project_ids = $2, own_work = $3 WHERE id = $1",
        id,
        scope.project_ids.as_deref(),
        scope.own_work,
    )
    .execute(conn)
    .await?;
    Ok(Claim::Claimed(Box::new(Order {
        id,
        user_id: row.user_id,
        zone: row.time_zone.parse().unwrap_or(chrono_tz::UTC),
        kind: row.kind,
        format: row.format,
        period: Period { from: row.period_from, to: row.period_to },
        scope,
        attempt: row.attempts,
    })))
}

/// Sets the progress of a report, in percent.
pub async fn set_progress(conn: &mut PgConnection, id: Uuid, percent: i16) -> Result<()> {
    sqlx::query!("UPDATE reports SET progress = $2 WHERE id = $1 AND finished_at IS NULL", id, percent)
        .execute(conn)
        .await?;
    Ok(())
}

/// Releases a claim: the report will be tried again.
pub async fn release(conn: &mut PgConnection, id: Uuid) -> Result<()> {
    sqlx::query!(
        "UPDATE reports SET status = 'queued', progress = 0, claimed_until = NULL WHERE id = $1 AND finished_at IS NULL",
        id,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Finishes a report, as ready or as failed for this reason, and notifies the requester. It is kept for seven days.
pub async fn finish(tx: &mut Tx, id: Uuid, error: Option<&str>) -> Result<()> {
    let finished = sqlx::query!(
        "UPDATE reports SET status = CASE WHEN $2::text IS NULL THEN 'ready'::report_status ELSE 'failed' END, error = $2,
                progress = CASE WHEN $2 IS NULL THEN 100 ELSE progress END, claimed_until = NULL,
                finished_at = now(), expires_at = now() + interval '7 days'
         WHERE id = $1 AND finished_at IS NULL",
        id,
        error,
    )
    .execute(&mut **tx)
    .await?;
    match finished.rows_affected() {
        0 => Ok(()),
        _ => outbox::add_event(tx, &Event::ReportReady { report_id: id }).await,
    }
}

/// Returns the requester of a report, and the report with the name of its project, or `None` if it was deleted.
pub async fn finished(conn: &mut PgConnection, id: Uuid) -> Result<Option<(Uuid, Report, Option<String>)>> {
    let row = sqlx::query!(
        "SELECT r.user_id, p.name AS \"project?\" FROM reports r LEFT JOIN projects p ON p.id = r.project_id
         WHERE r.id = $1 AND r.finished_at IS NOT NULL",
        id,
    )
    .fetch_optional(&mut *conn)
    .await?;
    let Some(row) = row else { return Ok(None) };
    Ok(Some((row.user_id, find(conn, row.user_id, id).await?, row.project)))
}

/// Returns at most `limit` reports that have expired at `now`, locked until the transaction ends. Concurrent calls
/// return different ones.
pub async fn expired(conn: &mut PgConnection, now: DateTime<Utc>, limit: i64) -> Result<Vec<(Uuid, Format)>> {
    let expired = sqlx::query!(
        r#"SELECT id, format AS "format: Format" FROM reports WHERE expires_at < $1
           ORDER BY expires_at LIMIT $2 FOR UPDATE SKIP LOCKED"#,
        now,
        limit,
    )
    .map(|row| (row.id, row.format))
    .fetch_all(conn)
    .await?;
    Ok(expired)
}

/// Deletes reports. Delete their files first.
pub async fn delete(conn: &mut PgConnection, ids: &[Uuid]) -> Result<()> {
    sqlx::query!("DELETE FROM reports WHERE id = ANY($1)", ids).execute(conn).await?;
    Ok(())
}

//! Subscriptions to weekly reports.

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use sqlx::PgConnection;
use uuid::Uuid;

use super::{
    Tx,
    page::{Cursor, Page, PageRequest},
    reports::{self, Reader, Request, Scope},
};
use crate::{
    Code, Error, Result,
    domain::{
        Caller,
        account::Role,
        report::{Day, Format, Kind, Period, Subscription, next_weekly},
        time::TimeOfDay,
    },
};

/// The most subscriptions of one person.
const MAX: i64 = 20;

/// A new subscription.
#[derive(Debug, Clone, Copy)]
pub struct NewSubscription {
    /// The kind of the reports.
    pub kind: Kind,
    /// The project, or `None` for all.
    pub project_id: Option<Uuid>,
    /// The format of the file.
    pub format: Format,
    /// The day of the week on which the report is made.
    pub weekday: Day,
    /// The time of day, in the subscriber's time zone.
    pub at: TimeOfDay,
}

/// Subscribes `caller` to a weekly report. Fails unless they may have all of it: users only have reports of projects
/// that they manage.
pub async fn create(conn: &mut PgConnection, caller: &Caller, new: &NewSubscription) -> Result<Subscription> {
    check_scope(conn, caller.into(), new.project_id).await?;
    // The lock makes concurrent subscriptions count one another.
    let zone = sqlx::query_scalar!("SELECT time_zone FROM users WHERE id = $1 FOR NO KEY UPDATE", caller.id)
        .fetch_one(&mut *conn)
        .await?;
    let count =
        sqlx::query_scalar!(r#"SELECT count(*) AS "count!" FROM report_subscriptions WHERE user_id = $1"#, caller.id)
            .fetch_one(&mut *conn)
            .await?;
    if count >= MAX {
        return Err(Error::conflict(
            Code::TooManySubscriptions,
            format!("You have {MAX} subscriptions: end one of them first."),
        ));
    }
    let next = next_weekly(new.weekday, new.at, Utc::now(), time_zone(&zone));
    let (fire_at, _) = next.ok_or_else(|| Error::invalid("/at", "never comes in your time zone"))?;
    let id = Uuid::now_v7();
    let created_at = sqlx::query_scalar!(
        "INSERT INTO report_subscriptions (id, user_id, kind, format, project_id, weekday, at, fire_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING created_at",
        id,
        caller.id,
        new.kind as Kind,
        new.format as Format,
        new.project_id,
        new.weekday as i16,
        new.at.0,
        fire_at,
    )
    .fetch_one(conn)
    .await?;
    let &NewSubscription { kind, project_id, format, weekday, at } = new;
    Ok(Subscription { id, kind, project_id, format, weekday, at, next_at: fire_at, created_at })
}

/// Returns what a person may subscribe to. Fails if that is their own work only.
async fn check_scope(conn: &mut PgConnection, reader: Reader, project_id: Option<Uuid>) -> Result<Scope> {
    let scope = Scope::for_reader(conn, reader, project_id).await?;
    if scope.own_work {
        return Err(Error::forbidden(
            Code::ManagerRequired,
            "Only managers and administrators may subscribe to reports, and managers of a project to its reports.",
        ));
    }
    Ok(scope)
}

/// Returns a page of the subscriptions of `caller`, newest first.
pub async fn list(conn: &mut PgConnection, caller: &Caller, page: &PageRequest) -> Result<Page<Subscription>> {
    let subscriptions = sqlx::query!(
        r#"SELECT id, kind AS "kind: Kind", project_id, format AS "format: Format", weekday, at, fire_at, created_at
           FROM report_subscriptions WHERE user_id = $1 AND ($2::uuid IS NULL OR id < $2) ORDER BY id DESC LIMIT $3"#,
        caller.id,
        page.after::<Uuid>("report-subscriptions")?,
        page.fetch(),
    )
    .map(|row| Subscription {
        id: row.id,
        kind: row.kind,
        project_id: row.project_id,
        format: row.format,
        weekday: Day::from_number(row.weekday),
        at: TimeOfDay(row.at),
        next_at: row.fire_at,
        created_at: row.created_at,
    })
    .fetch_all(conn)
    .await?;
    Ok(page.cut(subscriptions, |subscription| Cursor::new("report-subscriptions", subscription.id)))
}

/// Deletes a subscription of `caller`.
pub async fn delete(conn: &mut PgConnection, caller: &Caller, id: Uuid) -> Result<()> {
    let deleted =
        sqlx::query!("DELETE FROM report_subscriptions WHERE id = $1 AND user_id = $2", id, caller.id).execute(conn);
    match deleted.await?.rows_affected() {
        0 => Err(Error::NotFound),
        _ => Ok(()),
    }
}

/// Plans a person's next reports again after a change of the time zone.
pub(super) async fn plan(conn: &mut PgConnection, user_id: Uuid, zone: &str) -> Result<()> {
    let rows = sqlx::query!("SELECT id, weekday, at FROM report_subscriptions WHERE user_id = $1", user_id)
        .fetch_all(&mut *conn)
        .await?;
    for row in rows {
        let next = next_weekly(Day::from_number(row.weekday), TimeOfDay(row.at), Utc::now(), time_zone(zone));
        let Some((fire_at, _)) = next else { continue };
        sqlx::query!("UPDATE report_subscriptions SET fire_at = $2 WHERE id = $1", row.id, fire_at)
            .execute(&mut *conn)
            .await?;
    }
    Ok(())
}

/// Fires at most `limit` subscriptions that are due at `now`: plans the next of each, and requests its report, of the
/// seven days before the day on which it was due. Of several missed weeks only the last is reported. Subscribers who
/// may no longer have the report get none. Returns the number of subscriptions. Concurrent calls take different ones.
pub async fn fire(tx: &mut Tx, now: DateTime<Utc>, limit: i64) -> Result<usize> {
    let due = sqlx::query!(
        r#"SELECT s.id, s.user_id, s.kind AS "kind: Kind", s.format AS "format: Format", s.project_id, s.weekday, s.at,
                  u.time_zone, u.active, u.role AS "role: Role"
           FROM report_subscriptions s JOIN users u ON u.id = s.user_id
           WHERE s.fire_at <= $1 ORDER BY s.fire_at LIMIT $2 FOR UPDATE OF s SKIP LOCKED"#,
        now,
        limit,
    )
    .fetch_all(&mut **tx)
    .await?;
    let taken = due.len();
    for row in due {
        let zone = time_zone(&row.time_zone);
        let next = next_weekly(Day::from_number(row.weekday), TimeOfDay(row.at), now, zone);
        sqlx::query!(
            "UPDATE report_subscriptions SET fire_at = COALESCE($2, 'infinity'::timestamptz) WHERE id = $1",
            row.id,
            next.map(|(fire_at, _)| fire_at),
        )
        .execute(&mut **tx)
        .await?;
        let week = next.and_then(|(_, date)| Period::week_before(date - TimeDelta::days(7), zone));
        let Some(period) = week.filter(|_| row.active) else { continue };
        let request = Request { kind: row.kind, project_id: row.project_id, period, format: row.format };
        let reader = Reader { id: row.user_id, role: row.role };
        let asked = async {
            let scope = check_scope(tx, reader, row.project_id).await?;
            reports::request(tx, reader.id, &scope, &request).await
        };
        match asked.await {
            Ok(_) | Err(Error::Invalid(..) | Error::Forbidden(..) | Error::Conflict(..)) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(taken)
}

fn time_zone(name: &str) -> Tz {
    name.parse().unwrap_or(chrono_tz::UTC)
}

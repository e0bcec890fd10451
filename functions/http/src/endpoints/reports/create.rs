//! `POST /v1/reports`

use axum::{extract::State, http::StatusCode, response::Response};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use shared::{
    db::{
        Tx,
        reports::{self, Request, Scope},
        users,
    },
    domain::{
        report::{Format, Kind, Period, Report},
        task::storable,
    },
};
use utoipa::ToSchema;
use uuid::Uuid;

use taskbell_http::{
    ApiResult, AppState, Created, Function, IdempotentRequest, Problem, Topic,
    extract::{Authenticated, IdempotencyKey, ValidJson},
};

/// A report that is to be made.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewReport {
    /// What it is about.
    kind: Kind,
    /// Only this project; unless given, all that the caller may have reports of.
    project_id: Option<Uuid>,
    /// Where its period begins.
    from: DateTime<Utc>,
    /// Where its period ends, at most five years later; this instant is not in it.
    to: DateTime<Utc>,
    /// The form of its file.
    format: Format,
}

pub(crate) const FUNCTION: Function = Function { sends: &[Topic::Reports], ..Function::DEFAULT };

/// Orders a report.
///
/// Administrators get reports of everything, managers of a project of that project, users of their own work elsewhere.
/// The report is made in the background, of what the caller may see at that time; a notification says when it is
/// ready. Days begin at midnight in the caller's time zone.
#[utoipa::path(post, path = "/v1/reports", operation_id = "create-report", tag = "reports",
    params(("Idempotency-Key" = Option<String>, Header)), request_body = NewReport,
    responses((status = 202, body = Report), (status = 409, description = "The caller has too many reports that are not finished.", body = Problem), (status = 403)))]
pub(crate) async fn create_report(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    key: IdempotencyKey,
    ValidJson { value: new, digest }: ValidJson<NewReport>,
) -> ApiResult<Response> {
    let period = Period { from: storable(new.from), to: storable(new.to) };
    period.check()?;
    let mut tx = state.begin().await?;
    // The lock makes those who ask at once count one another.
    users::lock(&mut tx, caller.id).await?;
    let request = IdempotentRequest::new("create-report", &caller, &key, &digest);
    let order = async |tx: &mut Tx| {
        let request = Request { kind: new.kind, project_id: new.project_id, period, format: new.format };
        let scope = Scope::of(tx, (&caller).into(), request.project_id).await?;
        let report = reports::ask(tx, caller.id, &scope, &request).await?;
        Ok(Created::at(format!("/v1/reports/{}", report.id), report).status(StatusCode::ACCEPTED))
    };
    Ok(state.create(tx, request, order).await?)
}

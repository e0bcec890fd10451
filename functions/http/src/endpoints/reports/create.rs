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
        task::truncate_to_micros,
    },
};
use utoipa::ToSchema;
use uuid::Uuid;

use taskbell_http::{
    ApiResult, AppState, Created, Function, IdempotentRequest, Problem, Topic,
    extract::{Authenticated, IdempotencyKey, ValidJson},
};

/// Request body for requesting a report.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewReport {
    /// Kind of report.
    kind: Kind,
    /// Project. Defaults to everything that the caller may get reports of.
    project_id: Option<Uuid>,
    /// Start of the period.
    from: DateTime<Utc>,
    /// End of the period, exclusive. At most five years after the start.
    to: DateTime<Utc>,
    /// File format.
    format: Format,
}

pub(crate) const FUNCTION: Function = Function { sends: &[Topic::Reports], ..Function::DEFAULT };

/// Requests a report.
///
/// Administrators get reports of everything, managers of a project get reports of that project, and all others get
/// reports of their own work. The report is created in the background from what the caller may see at that time; a
/// notification says when it is ready. Days begin at midnight in the caller's time zone.
#[utoipa::path(post, path = "/v1/reports", operation_id = "create-report", tag = "reports",
    params(("Idempotency-Key" = Option<String>, Header)), request_body = NewReport,
    responses((status = 202, body = Report), (status = 409, description = "The caller has too many unfinished reports.", body = Problem), (status = 403)))]
pub(crate) async fn create_report(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    key: IdempotencyKey,
    ValidJson { value: new, digest }: ValidJson<NewReport>,
) -> ApiResult<Response> {
    let period = Period { from: truncate_to_micros(new.from), to: truncate_to_micros(new.to) };
    period.check()?;
    let mut tx = state.begin().await?;
    // The lock makes concurrent requests of a user count one another.
    users::lock(&mut tx, caller.id).await?;
    let request = IdempotentRequest::new("create-report", &caller, &key, &digest);
    let order = async |tx: &mut Tx| {
        let request = Request { kind: new.kind, project_id: new.project_id, period, format: new.format };
        let scope = Scope::for_reader(tx, (&caller).into(), request.project_id).await?;
        let report = reports::request(tx, caller.id, &scope, &request).await?;
        Ok(Created::at(format!("/v1/reports/{}", report.id), report).status(StatusCode::ACCEPTED))
    };
    Ok(state.create(tx, request, order).await?)
}

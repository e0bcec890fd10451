//! `POST /v1/report-subscriptions`

use axum::{extract::State, response::Response};
use serde::Deserialize;
use shared::{
    db::{
        Tx,
        report_subscriptions::{self, NewSubscription},
    },
    domain::{
        report::{Day, Format, Kind, Subscription},
        time::TimeOfDay,
    },
};
use utoipa::ToSchema;
use uuid::Uuid;

use taskbell_http::{
    ApiResult, AppState, Created, Function, IdempotentRequest, Problem,
    extract::{Authenticated, IdempotencyKey, ValidJson},
};

/// Default time of day: before most people start work.
const DEFAULT_AT: TimeOfDay = TimeOfDay::hour(7);

/// Request body for subscribing to a weekly report.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewReportSubscription {
    /// Kind of report.
    kind: Kind,
    /// Project. Defaults to everything that the caller may get reports of.
    project_id: Option<Uuid>,
    /// File format.
    format: Format,
    /// Day of the week. Defaults to `monday`.
    weekday: Option<Day>,
    /// Time of day, in the caller's time zone. Defaults to `07:00`.
    #[schema(value_type = Option<String>, format = "time-of-day", max_length = 5, example = "07:00")]
    at: Option<TimeOfDay>,
}

pub(crate) const FUNCTION: Function = Function::DEFAULT;

/// Subscribes to a weekly report.
///
/// Administrators may do this, managers for the projects that they manage, and users for a single project that they
/// manage. Each report covers the previous seven days. A user can have at most twenty subscriptions.
#[utoipa::path(post, path = "/v1/report-subscriptions", operation_id = "create-report-subscription", tag = "reports",
    params(("Idempotency-Key" = Option<String>, Header)), request_body = NewReportSubscription,
    responses((status = 201, body = Subscription), (status = 409, description = "The caller has too many subscriptions.", body = Problem), (status = 403)))]
pub(crate) async fn create_report_subscription(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    key: IdempotencyKey,
    ValidJson { value: new, digest }: ValidJson<NewReportSubscription>,
) -> ApiResult<Response> {
    let new = NewSubscription {
        kind: new.kind,
        project_id: new.project_id,
        format: new.format,
        weekday: new.weekday.unwrap_or(Day::Monday),
        at: new.at.unwrap_or(DEFAULT_AT),
    };
    let request = IdempotentRequest::new("create-report-subscription", &caller, &key, &digest);
    let create = async |tx: &mut Tx| {
        let subscription = report_subscriptions::create(tx, &caller, &new).await?;
        Ok(Created::at(format!("/v1/report-subscriptions/{}", subscription.id), subscription))
    };
    Ok(state.create(state.begin().await?, request, create).await?)
}

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

/// When it is made unless given: before most people begin to work.
const DEFAULT_AT: TimeOfDay = TimeOfDay::hour(7);

/// A report that is to come each week.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewReportSubscription {
    /// What it is about.
    kind: Kind,
    /// Only this project; unless given, all that the caller may have reports of.
    project_id: Option<Uuid>,
    /// The form of its file.
    format: Format,
    /// On which day of the week it is made; `monday` unless given.
    weekday: Option<Day>,
    /// When, in the caller's time zone; `07:00` unless given.
    #[schema(value_type = Option<String>, format = "time-of-day", max_length = 5, example = "07:00")]
    at: Option<TimeOfDay>,
}

pub(crate) const FUNCTION: Function = Function::DEFAULT;

/// Subscribes to a weekly report.
///
/// Managers and administrators may do this, a manager for the projects that they manage; a user for a single project that
/// they manage. Each report covers the seven days before it. A person has at most twenty subscriptions.
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

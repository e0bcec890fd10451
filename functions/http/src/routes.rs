//! Every route, once, for the OpenAPI document and the tests.
//!
//! The functions do not contain this: a binary compiles the file of its own endpoint and no other, so that a change of one endpoint
//! builds and deploys one function (docs/adr/0007-an-endpoint-is-compiled-by-its-binary.md). A test holds this list, the binaries
//! and `infra/http.yaml` together.

mod auth;
mod comments;
pub mod conventions;
mod notifications;
mod projects;
mod realtime;
mod report_subscriptions;
mod reports;
mod service;
mod tasks;
mod users;

use utoipa::{OpenApi, openapi};
use utoipa_axum::{router::OpenApiRouter, routes};

use taskbell_http::{AppState, Problem};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Taskbell",
        description = "Manages tasks in projects, and notifies people of what happens to them: in an inbox, over a WebSocket, and by mail.\n\n\
            Bodies are JSON. `POST /v1/auth/login` answers with an access token, which further requests carry as `Authorization: Bearer <token>`. \
            Times are UTC in the form of RFC 3339; ids are UUIDs. A `PATCH` takes a merge patch (RFC 7396): what is absent stays, `null` clears. \
            Lists come in pages: send `next_cursor` as `cursor` to get the next one. With the `ETag` of an answer as `If-Match`, a request \
            changes only the version that the client knows. With an `Idempotency-Key`, a request that was repeated creates only once.\n\n\
            Errors are problem details (RFC 9457): `application/problem+json`.",
        contact(name = "Taskbell"),
        license(name = "MIT", identifier = "MIT"),
    ),
    tags(
        (name = "accounts", description = "Accounts: registering, logging in and out, passwords, sessions, and the roles of people."),
        (name = "projects", description = "Projects and their members."),
        (name = "tasks", description = "Tasks, their history, and their watchers."),
        (name = "comments", description = "Comments on tasks."),
        (name = "notifications", description = "The inbox of the caller, and how they want to be notified."),
        (name = "reports", description = "Reports, which are made in the background, once or every week."),
        (name = "realtime", description = "How to open a WebSocket, which pushes notifications."),
        (name = "service", description = "The service itself: its health, its documentation and its pages."),
    ),
    components(schemas(Problem)),
)]
struct Document;

/// All routes, with their description.
pub fn api() -> OpenApiRouter<AppState> {
    OpenApiRouter::with_openapi(Document::openapi())
        .routes(routes!(auth::register::register))
        .routes(routes!(auth::login::login))
        .routes(routes!(auth::refresh::refresh))
        .routes(routes!(auth::logout::logout))
        .routes(routes!(auth::forgot_password::forgot_password))
        .routes(routes!(auth::reset_password::reset_password))
        .routes(routes!(auth::verify_email::verify_email))
        .routes(routes!(auth::jwks::get_jwks))
        .routes(routes!(users::get_me::get_me))
        .routes(routes!(users::update_me::update_me))
        .routes(routes!(users::password::change_password))
        .routes(routes!(users::list_sessions::list_sessions))
        .routes(routes!(users::delete_session::delete_session))
        .routes(routes!(users::list::list_users))
        .routes(routes!(users::get::get_user))
        .routes(routes!(users::update::update_user))
        .routes(routes!(projects::create::create_project))
        .routes(routes!(projects::list::list_projects))
        .routes(routes!(projects::get::get_project))
        .routes(routes!(projects::update::update_project))
        .routes(routes!(projects::delete::delete_project))
        .routes(routes!(projects::restore::restore_project))
        .routes(routes!(projects::list_members::list_members))
        .routes(routes!(projects::add_member::add_member))
        .routes(routes!(projects::remove_member::remove_member))
        .routes(routes!(tasks::create::create_task))
        .routes(routes!(tasks::list::list_tasks))
        .routes(routes!(tasks::get::get_task))
        .routes(routes!(tasks::update::update_task))
        .routes(routes!(tasks::delete::delete_task))
        .routes(routes!(tasks::restore::restore_task))
        .routes(routes!(tasks::assignee::set_task_assignee))
        .routes(routes!(tasks::status::set_task_status))
        .routes(routes!(tasks::watch::watch_task))
        .routes(routes!(tasks::unwatch::unwatch_task))
        .routes(routes!(tasks::activity::list_activity))
        .routes(routes!(comments::list::list_comments))
        .routes(routes!(comments::create::create_comment))
        .routes(routes!(comments::update::update_comment))
        .routes(routes!(comments::delete::delete_comment))
        .routes(routes!(notifications::list::list_notifications))
        .routes(routes!(notifications::read::read_notifications))
        .routes(routes!(notifications::get_preferences::get_notification_preferences))
        .routes(routes!(notifications::set_preferences::set_notification_preferences))
        .routes(routes!(notifications::unsubscribe_page::unsubscribe_page))
        .routes(routes!(notifications::unsubscribe::unsubscribe))
        .routes(routes!(reports::create::create_report))
        .routes(routes!(reports::list::list_reports))
        .routes(routes!(reports::get::get_report))
        .routes(routes!(report_subscriptions::create::create_report_subscription))
        .routes(routes!(report_subscriptions::list::list_report_subscriptions))
        .routes(routes!(report_subscriptions::delete::delete_report_subscription))
        .routes(routes!(realtime::tickets::create_realtime_ticket))
        .routes(routes!(service::health::get_health))
        .routes(routes!(service::openapi::get_openapi))
        .routes(routes!(service::docs::get_docs))
        .routes(routes!(service::verify_email_page::verify_email_page))
        .routes(routes!(service::reset_password_page::reset_password_page))
}

/// The OpenAPI document of all routes.
pub fn document() -> openapi::OpenApi {
    let mut document = api().into_openapi();
    conventions::add_to(&mut document);
    document
}

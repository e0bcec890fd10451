//! The OpenAPI document of all endpoints.
//!
//! The functions do not contain this module. The crate of the tests compiles it, and `make generate` writes the
//! document to `functions/http/openapi.json`.

mod conventions;

use utoipa::{OpenApi, openapi};
use utoipa_axum::router::OpenApiRouter;

use taskbell_http::{AppState, Problem};

use crate::endpoints;

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Taskbell",
        description = "Manages tasks in projects, and notifies people of what happens to them: in an inbox, over a WebSocket, and by mail.\n\n\
            Bodies are JSON. `POST /v1/auth/login` returns an access token. Send it with other requests as `Authorization: Bearer <token>`. \
            A browser on the origin of the API sends `Taskbell-Session: cookie` with every request instead, and keeps its tokens as cookies that scripts cannot read. \
            Times are in UTC, in the format of RFC 3339. Ids are UUIDs. \
            The body of a `PATCH` is a merge patch (RFC 7396): absent fields stay unchanged, and `null` clears a field. \
            Lists are divided into pages: send `next_cursor` as `cursor` to get the next page. \
            To change a resource only if nobody has changed it since, send the `ETag` of the last response as `If-Match`. \
            To create a resource only once even if the request is repeated, send an `Idempotency-Key`.\n\n\
            Errors are problem details (RFC 9457), `application/problem+json`.",
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
        (name = "service", description = "The service itself: its health and its documentation."),
    ),
    components(schemas(Problem)),
)]
struct Document;

/// Returns all routes, with their descriptions.
pub fn api() -> OpenApiRouter<AppState> {
    endpoints::add_to(OpenApiRouter::with_openapi(Document::openapi()))
}

/// Returns the OpenAPI document of all routes.
pub fn document() -> openapi::OpenApi {
    let mut document = api().into_openapi();
    conventions::add_to(&mut document);
    document
}

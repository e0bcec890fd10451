//! The layers around every handler: request ids, problems, limits and the log line. The gateway handles CORS.

use std::{
    process::ExitCode,
    sync::{Arc, OnceLock},
    time::Instant,
};

use axum::{
    Router,
    body::Body,
    extract::{DefaultBodyLimit, MatchedPath, Request, State},
    http::{HeaderName, HeaderValue, StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::MethodRouter,
};
use lambda_http::request::RequestContext;
use tower_http::catch_panic::CatchPanicLayer;
use uuid::Uuid;

use crate::{AppState, Function, Problem, problem::Cause};

/// The maximum size of a request body, in bytes.
const MAX_BODY: usize = 256 * 1024;
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The user who makes the request, for the log line. It is set when the access token is verified.
#[derive(Clone, Default)]
pub(crate) struct LogUser(pub(crate) Arc<OnceLock<Uuid>>);

/// Marks an error response that keeps the body of its handler: no problem replaces it.
#[derive(Clone)]
pub struct KeepBody;

/// Serves the only route of a function until the platform stops the function.
pub fn run(function: &Function, path: &str, route: MethodRouter<AppState>) -> ExitCode {
    start(function, Router::new().route(path, route))
}

/// Serves a router of several routes, like [`run`].
pub fn serve(function: &Function, router: Router<AppState>) -> ExitCode {
    start(function, router)
}

fn start(function: &Function, router: Router<AppState>) -> ExitCode {
    let state = AppState::from_env(function);
    shared::function::run(async { lambda_http::run(app(router, state?)).await.map_err(anyhow::Error::from_boxed) })
}

/// Adds the layers that all handlers share, and the state, to a router.
pub fn app(router: Router<AppState>, state: AppState) -> Router {
    router
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .layer(CatchPanicLayer::custom(|_| {
            let problem = Problem::of_status(StatusCode::INTERNAL_SERVER_ERROR);
            let mut response = StatusCode::INTERNAL_SERVER_ERROR.into_response();
            response.extensions_mut().insert(problem);
            response.extensions_mut().insert(Cause("the handler panicked".into()));
            response
        }))
        .layer(middleware::from_fn_with_state(state.clone(), surround))
        .with_state(state)
}

/// Sets the id of the request, turns errors into problems with this id, and logs one line for the request.
async fn surround(State(state): State<AppState>, mut request: Request, next: Next) -> Response {
    let begun = Instant::now();
    let request_id = request_id(&request);
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().map_or("", MatchedPath::as_str).to_owned();
    let user = LogUser::default();
    request.extensions_mut().insert(user.clone());

    let mut response = next.run(request).await;

    let status = response.status();
    if status.is_server_error() {
        state.db.release();
    }
    let is_error = status.is_client_error() || status.is_server_error();
    if is_error && response.extensions().get::<KeepBody>().is_none() {
        let problem = response.extensions_mut().remove::<Problem>().unwrap_or_else(|| Problem::of_status(status));
        *response.body_mut() = Body::from(problem.body(&request_id));
        let headers = response.headers_mut();
        headers.remove(header::CONTENT_LENGTH);
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    }
    let headers = response.headers_mut();
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if let Ok(value) = HeaderValue::try_from(&request_id) {
        headers.insert(REQUEST_ID, value);
    }

    let cause = response.extensions().get::<Cause>().map(|cause| cause.0.as_str());
    let (status, ms, user) =
        (status.as_u16(), begun.elapsed().as_secs_f64() * 1000.0, user.0.get().map(Uuid::to_string));
    if status >= 500 {
        tracing::error!(http.method = %method, http.route = route, http.status = status, duration_ms = ms, request.id = request_id, user.id = user, error = cause, "request");
    } else {
        tracing::info!(http.method = %method, http.route = route, http.status = status, duration_ms = ms, request.id = request_id, user.id = user, "request");
    }
    response
}

/// Returns the id that the gateway gave to the request, or a new id if there is no gateway.
fn request_id(request: &Request) -> String {
    match request.extensions().get() {
        Some(RequestContext::ApiGatewayV2(context)) => context.request_id.clone(),
        _ => None,
    }
    .unwrap_or_else(|| Uuid::now_v7().to_string())
}

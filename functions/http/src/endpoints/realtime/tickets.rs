//! `POST /v1/realtime/tickets`

use axum::{Json, extract::State, http::StatusCode};
use serde::Serialize;
use shared::realtime;
use utoipa::ToSchema;

use taskbell_http::{ApiResult, AppState, Function, extract::Authenticated};

/// A ticket for opening one WebSocket.
#[derive(Serialize, ToSchema)]
pub(crate) struct Ticket {
    /// Ticket, valid for one connection.
    ticket: String,
    /// WebSocket URL, with the ticket.
    #[schema(example = "wss://example.com/live?ticket=…")]
    url: String,
    /// Lifetime of the ticket in seconds.
    expires_in: u64,
}

pub(crate) const FUNCTION: Function = Function::DEFAULT;

/// Creates a ticket for opening a WebSocket.
///
/// A browser cannot send an access token when it opens a WebSocket: it connects to the `url` of the ticket instead. A
/// ticket is valid for one connection, within thirty seconds.
#[utoipa::path(post, path = "/v1/realtime/tickets", operation_id = "create-realtime-ticket", tag = "realtime",
    responses((status = 201, body = Ticket)))]
pub(crate) async fn create_realtime_ticket(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
) -> ApiResult<(StatusCode, Json<Ticket>)> {
    let ticket = realtime::create_ticket(&state.cache, &caller).await?.expose().to_owned();
    let url = format!("{}?ticket={ticket}", state.settings.websocket_url);
    Ok((StatusCode::CREATED, Json(Ticket { ticket, url, expires_in: realtime::TICKET_SECONDS })))
}

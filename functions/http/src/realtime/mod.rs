//! The way to the WebSocket.

pub(crate) mod tickets;

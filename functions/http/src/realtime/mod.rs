//! The way to the WebSocket.

pub mod tickets;

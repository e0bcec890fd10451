//! The WebSocket routes, one Lambda function each.
//!
//! The answer of a route says only whether it worked, with an empty body: what a client is told goes through `@connections`.

pub mod close;
pub mod connect;
pub mod default;
pub mod disconnect;
mod event;
mod message;
pub mod open;
pub mod ping;
pub mod read;
pub mod resume;
pub mod send;

pub use event::{Event, Reply, run};
pub use message::{MessageState, Sender, respond, serve};

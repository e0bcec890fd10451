//! The WebSocket routes. Each route is a Lambda function.
//!
//! The response of a route is only a status, with an empty body. Messages to clients are sent through `@connections`.

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

//! The WebSocket routes, one Lambda function each.
//!
//! The answer of a route says only whether it worked, with an empty body: what a client is told goes through `@connections`.

pub mod connect;
pub mod default;
pub mod disconnect;
pub mod ping;
mod route;

pub use route::{Event, Reply, run};

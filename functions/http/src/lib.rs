//! Code that the HTTP endpoints share. Each endpoint is a separate Lambda function.
//!
//! The arguments of a handler define who may call it and what it accepts: see [`extract`]. The endpoints in
//! `endpoints` are not part of this library. Each binary in `src/bin` compiles only its own endpoint, and the crate of
//! the tests compiles all of them, with `openapi`.

mod app;
pub mod bodies;
mod cookies;
mod edit_task;
pub mod extract;
mod function;
mod idempotent;
pub mod logged_in;
pub mod page;
mod problem;
pub mod report_file;
pub mod respond;
mod state;
mod task_params;
mod unmatched;
pub mod unsubscribing;

pub use app::{KeepBody, app, run, serve};
pub use cookies::SessionCookies;
pub use edit_task::edit_task;
pub use function::{Bucket, Function, Key, Topic};
pub use idempotent::{Created, IdempotentRequest};
pub use problem::{ApiError, Cause, Problem};
pub use state::{AppState, Parts, Settings};
pub use task_params::TaskParams;
pub use unmatched::unmatched;

/// The result of a handler.
pub type ApiResult<T> = Result<T, ApiError>;

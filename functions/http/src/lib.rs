//! What the HTTP endpoints share. Each endpoint is a Lambda function of its own.
//!
//! A handler's argument list says who may call it and what it takes: see [`extract`]. The endpoints in `endpoints`
//! are no part of this library: the binary in `src/bin` compiles its own. The crate of the tests compiles all of them, with `openapi`.

mod app;
pub mod bodies;
mod edit_task;
pub mod extract;
mod function;
mod idempotent;
pub mod logged_in;
pub mod page;
mod problem;
pub mod report_link;
pub mod respond;
mod state;
mod unmatched;
pub mod unsubscribing;

pub use app::{KeepBody, app, run, serve};
pub use edit_task::edit_task;
pub use function::{Bucket, Function, Key, Topic};
pub use idempotent::{Created, IdempotentRequest};
pub use problem::{ApiError, Cause, Problem};
pub use state::{AppState, Parts, Settings};
pub use unmatched::unmatched;

/// What a handler answers.
pub type ApiResult<T> = Result<T, ApiError>;

//! The HTTP endpoints, one Lambda function each.
//!
//! A handler's argument list says who may call it and what it takes: see [`extract`]. The binaries in `src/bin` hold one route each;
//! [`routes::api`] holds them all, for the tests and the OpenAPI document.

mod app;
pub mod auth;
pub mod comments;
pub mod extract;
mod problem;
pub mod projects;
pub mod realtime;
mod respond;
pub mod routes;
pub mod service;
mod state;
pub mod tasks;
pub mod users;

pub use app::{app, run, run_issuing};
pub use problem::{ApiError, Problem};
pub use state::{AppState, Parts, Settings};

/// What a handler answers.
pub(crate) type Answer<T> = Result<T, ApiError>;

//! Code that all Taskbell functions share.
//!
//! `domain` holds the rules and knows no HTTP, SQL or AWS. `db` holds all SQL. `app` does what takes several steps of
//! `db`. Nothing here knows HTTP: the functions turn an [`Error`] into their own kind of response.

pub mod app;
pub mod auth;
pub mod aws;
pub mod cache;
mod code;
pub mod config;
pub mod db;
pub mod domain;
mod error;
pub mod function;
pub mod mail;
pub mod queue;
pub mod realtime;
pub mod storage;

pub use code::Code;
pub use error::{Error, Fault, Result};

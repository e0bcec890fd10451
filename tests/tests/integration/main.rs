//! Tests of the API with a real Postgres, a database per test, and the router in this process.
//!
//! `DATABASE_URL` names a server that allows creating databases, `REDIS_URL` a Redis or Valkey, and `AWS_ENDPOINT_URL`
//! the emulator that has the bucket `TASKBELL_REPORTS_BUCKET`.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod accounts;
mod authorization;
mod bad_input;
mod clean_up;
mod comments;
mod faults;
mod feed;
mod fuzz;
mod idempotency;
mod members;
mod migrations;
mod notifications;
mod pairs;
mod plans;
mod projects;
mod reminders;
mod reports;
mod roles;
mod service;
mod structure;
#[path = "../end_to_end/stub_gateway.rs"]
#[expect(dead_code, reason = "the end-to-end tests want all of its manners")]
mod stub_gateway;
mod summaries;
mod support;
mod tasks;
mod transactions;

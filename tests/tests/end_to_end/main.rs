//! Tests of the deployed system through its real addresses: gateway, functions, queue and e-mail. `make test` starts
//! the system and sets the addresses.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod accounts;
mod cookies;
mod faults;
mod functions;
mod gateway;
mod gathered;
mod mail;
mod queues;
mod realtime;
mod relay;
mod reminders;
mod reports;
mod socket;
#[expect(dead_code, reason = "only the fuzzing takes what was asked")]
mod stub_gateway;
mod tick;
mod walk_through;
mod websocket;

use taskbell_tests::support;

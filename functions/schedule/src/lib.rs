//! The scheduled jobs, one Lambda function each.

pub mod relay_outbox;

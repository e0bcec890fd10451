//! The scheduled jobs, one Lambda function each.

pub mod clean_up;
pub mod relay_outbox;

//! The scheduled jobs, one Lambda function each.

pub mod clean_up;
pub mod relay_outbox;
pub mod send_reminders;
pub mod send_summaries;

//! The queue consumers, one Lambda function each.

pub mod send_email;

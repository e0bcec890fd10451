//! The queue consumers, one Lambda function each.
//!
//! A message is the id of an outbox row. The consumer locks that row and marks it handled in the end, so that a message
//! that comes twice, or at the same time as its copy, is handled once.

mod batch;
pub mod make_report;
pub mod notify;
pub mod send_email;

pub use batch::Delivery;

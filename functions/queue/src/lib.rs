//! The queue consumers, one Lambda function each.
//!
//! A message is the id of an outbox row. The consumer locks that row and finally marks it as handled, so that a message
//! that is delivered twice, even concurrently, is handled once.

mod batch;
pub mod make_report;
pub mod notify;
pub mod send_email;

pub use batch::Delivery;

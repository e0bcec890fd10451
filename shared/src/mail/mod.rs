//! Mails: what they say and how they are sent.

mod message;
mod smtp;

pub use message::{AboutTask, Letter};
pub use smtp::{Mailer, SendError};

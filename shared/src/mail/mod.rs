//! Mails: what they say and how they are sent.

mod message;
mod smtp;

pub use message::{AboutTask, RenderedEmail};
pub use smtp::{Mailer, SendError};

//! E-mails: how they are rendered and sent.

mod message;
mod smtp;

pub use message::{AboutTask, RenderedEmail};
pub use smtp::{Mailer, SendError};

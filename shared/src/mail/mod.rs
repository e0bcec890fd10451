//! E-mails: how they are rendered and sent.

mod links;
mod message;
mod smtp;

pub use links::Links;
pub use message::{AboutTask, RenderedEmail};
pub use smtp::{Mailer, SendError};

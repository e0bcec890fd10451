//! The service itself: its health, its description, and pages for people.

pub(crate) mod docs;
pub(crate) mod health;
pub(crate) mod openapi;
pub(crate) mod reset_password_page;
pub(crate) mod verify_email_page;

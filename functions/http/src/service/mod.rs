//! The service itself: its health, its description, and pages for people.

pub mod docs;
pub mod health;
pub mod openapi;
pub mod pages;
pub mod unmatched;

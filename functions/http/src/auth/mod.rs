//! Registering, logging in and out, and the links that mails carry.

pub mod forgot_password;
pub mod jwks;
pub mod login;
pub mod logout;
pub mod refresh;
pub mod register;
pub mod reset_password;
mod session;
pub mod verify_email;

//! Registering, logging in and out, and the links that mails carry.

pub(crate) mod forgot_password;
pub(crate) mod jwks;
pub(crate) mod login;
pub(crate) mod logout;
pub(crate) mod refresh;
pub(crate) mod register;
pub(crate) mod reset_password;
pub(crate) mod verify_email;

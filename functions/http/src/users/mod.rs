//! One's own account, and those of others.

pub mod get;
pub mod list;
pub mod me;
pub mod password;
pub mod sessions;
pub mod update;

//! Projects and their members.

pub mod create;
pub mod delete;
pub mod get;
pub mod list;
pub mod members;
pub mod restore;
pub mod update;

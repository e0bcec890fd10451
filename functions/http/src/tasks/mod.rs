//! Tasks.

pub mod activity;
pub mod assignee;
pub mod create;
pub mod delete;
mod edit;
pub mod get;
pub mod list;
pub mod restore;
pub mod status;
pub mod update;
pub mod watchers;

//! Tasks.

pub(crate) mod activity;
pub(crate) mod assignee;
pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod get;
pub(crate) mod list;
pub(crate) mod restore;
pub(crate) mod status;
pub(crate) mod unwatch;
pub(crate) mod update;
pub(crate) mod watch;

//! Projects and their members.

pub(crate) mod add_member;
pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod get;
pub(crate) mod list;
pub(crate) mod list_members;
pub(crate) mod remove_member;
pub(crate) mod restore;
pub(crate) mod update;

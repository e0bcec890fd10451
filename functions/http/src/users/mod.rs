//! One's own account, and those of others.

pub(crate) mod delete_session;
pub(crate) mod get;
pub(crate) mod get_me;
pub(crate) mod list;
pub(crate) mod list_sessions;
pub(crate) mod password;
pub(crate) mod update;
pub(crate) mod update_me;

//! Reports that come each week.

pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod list;

//! The rules of the domain: pure, without HTTP, SQL or AWS. (The derives of `sqlx` and `utoipa` only describe the
//! types.)

pub mod access;
pub mod account;
pub mod activity;
pub mod comment;
pub mod delivery;
pub mod email;
pub mod event;
pub mod feed;
pub mod formats;
pub mod inbox;
pub mod mention;
pub mod new_task;
pub mod notification;
pub mod notification_kind;
pub mod preferences;
pub mod project;
pub mod rank;
pub mod reason;
pub mod recipients;
pub mod recurrence;
pub mod report;
pub mod task;
pub mod text;
pub mod time;
pub mod wording;

pub use access::{Caller, TokenClaims};

//! Operations of the application that take one transaction, for the HTTP API, the WebSocket API and jobs alike.
//!
//! Most operations are a single function of [`crate::db`], such as [`tasks::create`](crate::db::tasks::create), and
//! need nothing here.

mod edit_task;

pub use edit_task::edit_task;

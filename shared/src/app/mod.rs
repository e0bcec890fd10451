//! What the application does in one transaction, for whoever calls it: the HTTP API, the WebSocket API or a job.
//!
//! Most operations are a single function of [`crate::db`], such as [`tasks::create`](crate::db::tasks::create), and need nothing here.

mod edit_task;

pub use edit_task::edit_task;

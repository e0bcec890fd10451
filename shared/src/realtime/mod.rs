//! WebSocket connections: who opened each, which projects it has open, and how to send to it.
//!
//! Connections are stored in the cache. If the cache loses them, clients open new ones: they request a ticket,
//! connect, and resume.

mod connections;
mod frames;
mod gateway;

pub use connections::{
    Address, Connection, MAX_OPEN_PROJECTS, Peer, TICKET_SECONDS, close_project, connect, create_ticket, disconnect,
    forget, of_user, of_users, open_project, peer, viewers,
};
pub use frames::{MAX_FRAME, comment_frame, feed_frame, inbox_frame, notification_frame};
pub use gateway::{Gateway, Pushed};

//! WebSocket connections: whose each is, what it looks at, and how to speak to it.
//!
//! What is known of connections lives in the cache. What is lost with the cache, clients make again: they ask for a ticket, connect,
//! and resume.

mod connections;
mod frames;
mod gateway;

pub use connections::{
    Address, Connection, MAX_OPEN_PROJECTS, Peer, TICKET_SECONDS, close_project, connect, create_ticket, disconnect,
    forget, of_user, of_users, open_project, peer, viewers,
};
pub use frames::{MAX_FRAME, comment_frame, left_frame, notification_frame, task_frame};
pub use gateway::{Gateway, Pushed};

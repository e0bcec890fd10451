//! Pushes the changes of projects to the connections that have them open.

use shared::{
    db::{PgConnection, feed, notifications},
    domain::{event::Event, feed::FeedRef},
    realtime::{self, Address, Connection, feed_frame},
};
use uuid::Uuid;

use super::Notify;

impl Notify {
    /// Returns the frames of an event for the viewers of the projects that changed: one for each change and connection.
    pub(super) async fn live(&self, conn: &mut PgConnection, event: &Event) -> shared::Result<Vec<(Address, String)>> {
        let changes: &[FeedRef] = match event {
            Event::Task(event) => &event.feed,
            Event::ProjectChanged { feed } => feed,
            _ => &[],
        };
        let mut messages = Vec::new();
        for change in changes {
            let viewers = self.viewers(conn, change.project_id).await?;
            if !viewers.is_empty() {
                messages.extend(frames(conn, *change, viewers).await?);
            }
        }
        Ok(messages)
    }

    /// Returns the connections that have a project open and whose people may see it.
    async fn viewers(&self, conn: &mut PgConnection, project_id: Uuid) -> shared::Result<Vec<Connection>> {
        let mut connections = realtime::viewers(&self.cache, project_id).await?;
        if !connections.is_empty() {
            let ids: Vec<Uuid> = connections.iter().map(|connection| connection.peer.user_id).collect();
            let people = notifications::people(conn, project_id, None, &ids).await?;
            connections.retain(|connection| people.iter().any(|person| person.id == connection.peer.user_id));
        }
        Ok(connections)
    }
}

/// Returns the frame of a change for each of these connections. Only its owner sees a comment from an Inbox.
async fn frames(
    conn: &mut PgConnection,
    change: FeedRef,
    viewers: Vec<Connection>,
) -> shared::Result<Vec<(Address, String)>> {
    let Some((item, private_to)) = feed::find(conn, Uuid::nil(), change).await? else { return Ok(Vec::new()) };
    let for_all = feed_frame(change.project_id, &item).to_string();
    let mut for_owner = None;
    if let Some(owner) = private_to.filter(|owner| viewers.iter().any(|one| one.peer.user_id == *owner)) {
        let item = feed::find(conn, owner, change).await?;
        for_owner = item.map(|(item, _)| (owner, feed_frame(change.project_id, &item).to_string()));
    }
    let message = |viewer: Connection| {
        let user_id = viewer.peer.user_id;
        let frame = match &for_owner {
            Some((owner, frame)) if *owner == user_id => frame,
            _ => &for_all,
        };
        (Address { connection_id: viewer.id, user_id }, frame.clone())
    };
    Ok(viewers.into_iter().map(message).collect())
}

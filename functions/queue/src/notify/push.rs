//! Delivers notifications to WebSockets, and closes connections.

use chrono::Utc;
use shared::{
    db::{
        PgConnection, inboxes,
        notifications::{self, Notified},
        outbox, sessions,
    },
    domain::event::Event,
    realtime::{self, Address, Pushed, inbox_frame, notification_frame},
};
use uuid::Uuid;

use super::Notify;

/// The maximum number of notifications that are pushed after quiet hours held them back. A client that missed more
/// resumes.
const MAX_HELD: i64 = 500;

impl Notify {
    /// Pushes the notifications of an event to their people, and the change itself to the viewers of its project.
    pub(super) async fn push(&self, conn: &mut PgConnection, event_id: Uuid, event: &Event) -> anyhow::Result<Pushed> {
        let notified = notifications::pushed_of_event(conn, event_id).await?;
        // Without the cache nobody knows who is connected. Clients see it when they resume.
        let mut messages = self.addressed(&notified).await.unwrap_or_else(|error| skipped(&error));
        messages.extend(self.inbox_changed(conn, event_id, event).await?);
        messages.extend(self.live(conn, event).await.or_else(|error| match error {
            shared::Error::Unavailable(_) => Ok(skipped(&error)),
            error => Err(error),
        })?);
        Ok(self.gateway.push(&self.cache, messages).await)
    }

    /// Returns the frames for a person's connections of an event that changed their inbox otherwise than by something
    /// new, with the number of unread notifications as it is now.
    async fn inbox_changed(
        &self,
        conn: &mut PgConnection,
        event_id: Uuid,
        event: &Event,
    ) -> anyhow::Result<Vec<(Address, String)>> {
        let (user_id, ids) = match event {
            Event::InboxChanged { user_id, ids } => (*user_id, ids.as_slice()),
            // Unless it had no effect.
            Event::SnoozeOver { user_id, notification_id, .. } if notifications::exist(conn, event_id).await? => {
                (*user_id, std::slice::from_ref(notification_id))
            }
            _ => return Ok(Vec::new()),
        };
        let connections = match realtime::of_users(&self.cache, &[user_id]).await {
            Ok(mut connections) => connections.remove(&user_id).unwrap_or_default(),
            Err(error) => return Ok(skipped(&error)),
        };
        let frame = inbox_frame(ids, inboxes::state(conn, user_id).await?.unread_count).to_string();
        let to = |connection_id| (Address { connection_id, user_id }, frame.clone());
        Ok(connections.into_iter().map(to).collect())
    }

    /// Returns what quiet hours held back from a person, to be pushed after the commit. Waits on if they have quiet
    /// hours again. The inbox is not locked during the push: if that fails, the person sees it when they resume.
    pub(super) async fn release(conn: &mut PgConnection, user_id: Uuid) -> anyhow::Result<Vec<Notified>> {
        let person = notifications::person(conn, user_id).await?;
        if let Some(until) = person.and_then(|person| person.settings.quiet_until(Utc::now())) {
            outbox::schedule_event(conn, &Event::QuietHoursOver { user_id }, until).await?;
            return Ok(Vec::new());
        }
        // Wait for what is being held back at this moment, or nothing would push it.
        notifications::lock(conn, user_id).await?;
        let held = notifications::held(conn, user_id, MAX_HELD).await?;
        notifications::release(conn, user_id).await?;
        Ok(held)
    }

    /// Pushes notifications to their people.
    pub(super) async fn push_all(&self, notified: &[Notified]) -> Pushed {
        let messages = self.addressed(notified).await.unwrap_or_else(|error| skipped(&error));
        self.gateway.push(&self.cache, messages).await
    }

    /// Closes the connections of a person whose sessions ended.
    pub(super) async fn close_connections(&self, conn: &mut PgConnection, user_id: Uuid) -> anyhow::Result<Pushed> {
        let connections = realtime::of_user(&self.cache, user_id).await?;
        let session_ids: Vec<Uuid> = connections.iter().map(|connection| connection.peer.session_id).collect();
        let alive = sessions::alive(conn, user_id, &session_ids).await?;
        let mut closed = Pushed::default();
        for connection in connections.into_iter().filter(|one| !alive.contains(&one.peer.session_id)) {
            self.gateway.close(&connection.id).await?;
            realtime::disconnect(&self.cache, &connection.id).await?;
            closed.gone += 1;
        }
        Ok(closed)
    }

    /// Returns the frame of each notification for each connection of its person.
    async fn addressed(&self, notified: &[Notified]) -> shared::Result<Vec<(Address, String)>> {
        let mut ids: Vec<Uuid> = notified.iter().map(|one| one.user_id).collect();
        ids.dedup();
        let connections = realtime::of_users(&self.cache, &ids).await?;
        let mut messages = Vec::new();
        for one in notified {
            let Some(connections) = connections.get(&one.user_id) else { continue };
            let frame = notification_frame(&one.notification).to_string();
            let to = |id: &String| Address { connection_id: id.clone(), user_id: one.user_id };
            messages.extend(connections.iter().map(|id| (to(id), frame.clone())));
        }
        Ok(messages)
    }
}

fn skipped(error: &shared::Error) -> Vec<(Address, String)> {
    tracing::warn!(error = error.cause(), "pushes are skipped");
    Vec::new()
}

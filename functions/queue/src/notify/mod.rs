//! Notifies people of events: in their inboxes, on their WebSockets, and by e-mail.
//!
//! First, in one transaction, [`audience`] determines who receives which text, and [`mod@write`] plans the deliveries,
//! writes the notifications and enqueues e-mails. After its commit the frames are pushed ([`push`] for notifications,
//! [`live`] for viewers of a project), and then the event is marked as handled. A message that is delivered twice finds
//! the notifications, or the mark. If the function died before the push, the second delivery pushes.

mod audience;
mod live;
mod push;
mod snooze;
mod write;

use std::{sync::Arc, time::Duration};

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use lambda_runtime::LambdaEvent;
use shared::{
    cache::Cache,
    config,
    db::{
        self, Database, PgConnection, comments,
        inboxes::Snoozed,
        outbox::{self, Topic},
        task_history::{self, Entry},
        tasks,
    },
    domain::{
        comment::Comment,
        event::{Event, TaskEvent},
        task::Task,
    },
    queue::Queues,
    realtime::{Gateway, Pushed},
};
use uuid::Uuid;

use crate::batch::{Delivery, consume_each};

/// The time reserved for one event. With less time left the rest of a batch returns to the queue.
const TIME_FOR_ONE: Duration = Duration::from_secs(15);

/// The consumer of the queue `events`.
pub struct Notify {
    db: Database,
    cache: Cache,
    gateway: Gateway,
    queues: Queues,
    gather: Duration,
}

/// The outcome of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The event was handled: notifications are written, and frames were pushed.
    Handled(Pushed),
    /// The event was handled before.
    HandledBefore,
}

/// A change of a task: its event, and what the database knows of it.
pub(crate) struct TaskChange<'a> {
    pub(crate) event: &'a TaskEvent,
    /// The task as it is now, perhaps in the trash.
    pub(crate) task: Task,
    /// The entry of the task's activity.
    pub(crate) entry: Entry,
    /// The comment as it is now, if the event is about one.
    pub(crate) comment: Option<Comment>,
}

impl Notify {
    /// Reads the environment. Fails with a message that names the variable.
    pub fn from_env() -> anyhow::Result<Self> {
        let gather = Duration::from_secs(config::optional("EMAIL_GATHER_SECONDS")?.unwrap_or(60));
        Ok(Self::new(
            Database::from_env()?,
            Cache::from_env()?,
            Gateway::from_env()?,
            Queues::from_env(&[Topic::Emails])?,
            gather,
        ))
    }

    /// Creates a consumer of these parts. A person receives one e-mail about what happens to a task within `gather`.
    pub fn new(db: Database, cache: Cache, gateway: Gateway, queues: Queues, gather: Duration) -> Self {
        Self { db, cache, gateway, queues, gather }
    }

    /// Consumes a batch, and returns the messages that the queue must deliver again.
    pub async fn handle(self: Arc<Self>, event: LambdaEvent<SqsEvent>) -> anyhow::Result<SqsBatchResponse> {
        let consume = move |delivery: Delivery| {
            let notify = Arc::clone(&self);
            async move {
                Ok(match notify.consume(delivery.id).await? {
                    Outcome::Handled(_) => "handled",
                    Outcome::HandledBefore => "nothing",
                })
            }
        };
        Ok(consume_each("notify", event, TIME_FOR_ONE, consume).await)
    }

    /// Handles the event of an outbox row, unless it was handled before.
    pub async fn consume(&self, id: Uuid) -> anyhow::Result<Outcome> {
        let mut tx = self.db.begin().await?;
        let Some(event) = outbox::lock(&mut tx, Topic::Events, id).await? else { return Ok(Outcome::HandledBefore) };
        let event: Event = serde_json::from_value(event)?;
        let change = match &event {
            Event::Task(event) => TaskChange::find(&mut tx, event).await?,
            _ => None,
        };
        let held = match &event {
            Event::QuietHoursOver { user_id } => Self::release(&mut tx, *user_id).await?,
            _ => Vec::new(),
        };
        // Unless an earlier delivery of the message wrote them.
        if !db::notifications::exist(&mut tx, id).await? {
            if let &Event::SnoozeOver { user_id, notification_id, until } = &event {
                snooze::bring_back(&mut tx, id, &Snoozed { user_id, id: notification_id, until }).await?;
            } else if let Some(announcement) = audience::of_event(&mut tx, id, &event, change.as_ref()).await? {
                write::write(&mut tx, announcement, self.gather).await?;
            }
        }
        tx.commit(&self.queues).await?;

        let mut tx = self.db.begin().await?;
        anyhow::ensure!(outbox::try_lock(&mut tx, id).await?, "the same message is being handled elsewhere");
        let pushed = match &event {
            Event::SessionsEnded { user_id } => self.close_connections(&mut tx, *user_id).await?,
            Event::QuietHoursOver { .. } => self.push_all(&held).await,
            event => self.push(&mut tx, id, event).await?,
        };
        outbox::mark_handled(&mut tx, id).await?;
        tx.commit(&self.queues).await?;
        Ok(Outcome::Handled(pushed))
    }
}

impl<'a> TaskChange<'a> {
    /// Returns the change of an event, or `None` if the task was deleted for good.
    async fn find(conn: &mut PgConnection, event: &'a TaskEvent) -> shared::Result<Option<Self>> {
        let Some(task) = tasks::find_any(conn, event.task_id).await? else { return Ok(None) };
        let Some(entry) = task_history::find(conn, event.activity_id).await? else { return Ok(None) };
        let comment = match event.comment_id {
            Some(id) => comments::find_any(conn, id).await?,
            None => None,
        };
        Ok(Some(Self { event, task, entry, comment }))
    }

    /// Returns whether a person may see the change: only its owner sees what changed in an Inbox.
    pub(crate) fn is_visible_to(&self, user_id: Uuid) -> bool {
        self.entry.private_to.is_none_or(|owner| owner == user_id)
    }
}

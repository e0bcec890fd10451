//! Tells people of what happened: in their inbox, on their WebSockets, and by e-mail.
//!
//! First, in one transaction, everyone concerned gets a notification, and mails are ordered ([`tell`]). After its commit the frames
//! are pushed ([`push`]), and then the event is marked handled. A message that comes twice finds the notifications, or the mark; one
//! whose function died before the push pushes.

mod push;
mod tell;

use std::{sync::Arc, time::Duration};

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use chrono::Utc;
use lambda_runtime::LambdaEvent;
use shared::{
    cache::Cache,
    config,
    db::{
        self, Database, PgConnection, Tx, comments,
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

/// What one event may take. With less time left the rest of a batch goes back to the queue.
const TIME_FOR_ONE: Duration = Duration::from_secs(15);

/// The consumer of the queue `events`.
pub struct Notify {
    db: Database,
    cache: Cache,
    gateway: Gateway,
    queues: Queues,
    gather: Duration,
}

/// What became of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Everyone concerned was told.
    Told(Pushed),
    /// It was handled before.
    Nothing,
}

/// What is known of something that happened to a task.
pub(crate) struct Happened<'a> {
    pub(crate) event: &'a TaskEvent,
    /// The task as it is now, perhaps in the trash.
    pub(crate) task: Task,
    /// The entry of its activity.
    pub(crate) entry: Entry,
    /// As it is now.
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

    /// A consumer of these parts. What happens to a task within `gather` is one mail to a person.
    pub fn new(db: Database, cache: Cache, gateway: Gateway, queues: Queues, gather: Duration) -> Self {
        Self { db, cache, gateway, queues, gather }
    }

    /// Takes a batch, and answers which messages are to come again.
    pub async fn handle(self: Arc<Self>, event: LambdaEvent<SqsEvent>) -> anyhow::Result<SqsBatchResponse> {
        let consume = move |delivery: Delivery| {
            let notify = Arc::clone(&self);
            async move {
                Ok(match notify.consume(delivery.id).await? {
                    Outcome::Told(_) => "told",
                    Outcome::Nothing => "nothing",
                })
            }
        };
        Ok(consume_each("notify", event, TIME_FOR_ONE, consume).await)
    }

    /// Handles the event of an outbox row, unless it was handled before.
    pub async fn consume(&self, id: Uuid) -> anyhow::Result<Outcome> {
        let mut tx = self.db.begin().await?;
        let Some(event) = outbox::lock(&mut tx, Topic::Events, id).await? else { return Ok(Outcome::Nothing) };
        let event: Event = serde_json::from_value(event)?;
        let happened = match &event {
            Event::Task(event) => Happened::find(&mut tx, event).await?,
            _ => None,
        };
        let held = match &event {
            Event::QuietHoursOver { user_id } => Self::release(&mut tx, *user_id).await?,
            _ => Vec::new(),
        };
        self.tell(&mut tx, id, &event, happened.as_ref()).await?;
        tx.commit(&self.queues).await?;

        let mut tx = self.db.begin().await?;
        anyhow::ensure!(outbox::try_lock(&mut tx, id).await?, "the same message is being handled elsewhere");
        let pushed = match &event {
            Event::SessionsEnded { user_id } => self.close_connections(&mut tx, *user_id).await?,
            Event::QuietHoursOver { .. } => self.push_all(&held).await,
            event => self.push(&mut tx, id, event, happened.as_ref()).await?,
        };
        outbox::mark_handled(&mut tx, id).await?;
        tx.commit(&self.queues).await?;
        Ok(Outcome::Told(pushed))
    }

    async fn tell(&self, tx: &mut Tx, id: Uuid, event: &Event, happened: Option<&Happened<'_>>) -> anyhow::Result<()> {
        if db::notifications::exist(tx, id).await? {
            return Ok(());
        }
        match (event, happened) {
            (Event::Task(_), Some(happened)) => tell::of_task(tx, happened, self.gather).await,
            (event @ Event::Project { .. }, _) => tell::of_project(tx, id, event, self.gather).await,
            (event @ Event::TasksLeft { .. }, _) => tell::of_tasks_that_left(tx, id, event, self.gather).await,
            (event @ Event::AddedToProject { .. }, _) => tell::of_membership(tx, id, event, self.gather).await,
            (&Event::ReportReady { report_id }, _) => tell::of_report(tx, id, report_id, self.gather).await,
            (Event::Reminder { task_id, due_at, overdue, user_ids }, _) => {
                tell::of_deadline(tx, id, *task_id, (*due_at, *overdue), user_ids, self.gather).await
            }
            _ => Ok(()),
        }
    }
}

impl<'a> Happened<'a> {
    /// Nothing if the task is gone for good.
    async fn find(conn: &mut PgConnection, event: &'a TaskEvent) -> shared::Result<Option<Self>> {
        let Some(task) = tasks::find_any(conn, event.task_id).await? else { return Ok(None) };
        let Some(entry) = task_history::find(conn, event.activity_id).await? else { return Ok(None) };
        let comment = match event.comment_id {
            Some(id) => comments::find_any(conn, id).await?,
            None => None,
        };
        Ok(Some(Self { event, task, entry, comment }))
    }

    /// Whether somebody may hear of it: what happened in an Inbox is its owner's alone.
    pub(crate) fn is_for(&self, user_id: Uuid) -> bool {
        self.entry.private_to.is_none_or(|owner| owner == user_id)
    }

    /// The project that the task left by this.
    fn left_project(&self) -> Option<Uuid> {
        let moved = self.entry.changes.iter().find(|change| change.field == "project_id")?;
        moved.from.as_str()?.parse().ok()
    }
}

/// When a person's quiet hours end, if they have them now.
fn quiet_until(person: &db::notifications::Person) -> Option<chrono::DateTime<Utc>> {
    let zone = person.time_zone.parse().unwrap_or(chrono_tz::UTC);
    person.quiet_hours.and_then(|quiet| quiet.until(Utc::now(), zone))
}
